"""What stands in the settings: kind of house, keys, address."""

from urllib.parse import urlsplit

from django.conf import settings

from portal import production
from portal.doctor.finding import Finding, ok, problem, warning


def kind() -> Finding:
    if not settings.PRODUCTION:
        return warning(
            f"This is a {settings.PORTAL_ENV} portal: its keys are known to everybody.",
            "Set PORTAL_ENV=production before real people use it.",
        )
    return ok("This is a production portal.")


def keys() -> Finding:
    """Production does not start with the demo's; another house may, and should know it."""
    if production.DEMO_SECRET_KEY == settings.SECRET_KEY or production.DEMO_FIELD_KEY in settings.FIELD_KEYS:
        return warning("The keys are the demo's.", "Set SECRET_KEY and FIELD_KEYS to random values of your own.")
    if settings.SECRET_KEY in settings.FIELD_KEYS:
        return problem("SECRET_KEY and FIELD_KEYS are the same.", "Take another random value for one of them.")
    return ok(f"The keys are your own, {len(settings.FIELD_KEYS)} for fields.")


def address() -> Finding:
    parts = urlsplit(settings.PORTAL_URL)
    if not _is_allowed(parts.hostname or ""):
        return problem(
            f"PORTAL_URL names {parts.hostname}, which ALLOWED_HOSTS does not hold.",
            "Add it: links in mails would lead to an error.",
        )
    if parts.scheme != "https":
        return warning(
            f"{settings.PORTAL_URL} is not https.",
            "Passkeys and secure cookies need it, except on this machine.",
        )
    return ok(f"The portal's address is {settings.PORTAL_URL}.")


def _is_allowed(host: str) -> bool:
    return any(
        host == allowed or (allowed.startswith(".") and host.endswith(allowed)) for allowed in settings.ALLOWED_HOSTS
    )


def proxies() -> Finding:
    if settings.PRODUCTION and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return warning(
            "TRUSTED_PROXIES is 0: forwarded addresses and https are not believed.",
            "Set it to the number of proxies in front: else all visitors look alike, and pages redirect.",
        )
    return ok(f"{settings.ALLAUTH_TRUSTED_PROXY_COUNT} proxies in front are trusted.")
