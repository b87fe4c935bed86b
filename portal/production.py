"""What a production portal does not start without. The settings ask this, so it is free of Django."""

from collections.abc import Callable
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

DEMO_SECRET_KEY = "demo-only-not-a-secret-demo-only-not-a-secret-0123456789"
DEMO_FIELD_KEY = "ZGVtby1vbmx5LW5vdC1hLXNlY3JldC1kZW1vLW9ubHk="

BUCKET = {"S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION"}
BUCKET_KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def refusals(read: Callable[[str], str]) -> list[str]:
    """One sentence for each reason not to start; `read` gives a variable's text, empty when it is not set."""
    missing = [name for name in JUDGES if not read(name)]
    found = [f"Production needs these environment variables: {', '.join(missing)}."] if missing else []
    found += [f"{name} {why}." for name, judge in JUDGES.items() if read(name) and (why := judge(read(name)))]
    return found + _half_a_bucket(read)


def _half_a_bucket(read: Callable[[str], str]) -> list[str]:
    """Files are in S3 wholly or not at all: half of its settings would put them where nobody looks for them."""
    given = {name for name in (*BUCKET, *BUCKET_KEYS) if read(name)}
    if not given:
        return []
    found = [] if "S3_BUCKET" in given else [f"{min(given)} is set, but S3_BUCKET is not: say which bucket."]
    if not given & {"S3_ENDPOINT_URL", "S3_REGION"}:
        found.append("S3_BUCKET needs S3_REGION, or S3_ENDPOINT_URL where it is not at Amazon.")
    if len(given & BUCKET_KEYS) == 1:
        found.append("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both, or neither.")
    if urlsplit(read("S3_ENDPOINT_URL")).scheme not in {"", "https"}:
        found.append("S3_ENDPOINT_URL must be https://: browsers are sent there.")
    return found


def _secret_key(value: str) -> str:
    if value == DEMO_SECRET_KEY:
        return "is the demo's, which everybody knows"
    return "" if len(value) >= 50 and len(set(value)) >= 10 else "is easy to guess: take 50 or more random characters"


def _field_keys(value: str) -> str:
    keys = [key.strip() for key in value.split(",")]
    if DEMO_FIELD_KEY in keys:
        return "holds the demo's key, which everybody knows"
    return "" if all(_is_fernet(key) for key in keys) else "needs 32 random bytes in URL-safe base64 for each key"


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _hosts(value: str) -> str:
    return "must name the hosts, not *" if "*" in [host.strip() for host in value.split(",")] else ""


def _url(value: str) -> str:
    parts = urlsplit(value)
    good = parts.scheme == "https" and parts.netloc and not parts.path.strip("/") and not parts.query
    return "" if good else "must be https:// and the host name, nothing after it"


def _database(value: str) -> str:
    good = urlsplit(value).scheme in {"postgres", "postgresql", "psql", "pgsql"}
    return "" if good else "must begin with postgres://"


def _mail_server(value: str) -> str:
    return "" if urlsplit(value).scheme.startswith("smtp") else "must begin with smtp://, smtp+tls:// or smtp+ssl://"


def _sender(value: str) -> str:
    return "" if "@" in value else "must hold an e-mail address"


# Every name here is needed, and its value judged: an answer is what is wrong with it.
JUDGES: dict[str, Callable[[str], str]] = {
    "SECRET_KEY": _secret_key,
    "FIELD_KEYS": _field_keys,
    "ALLOWED_HOSTS": _hosts,
    "PORTAL_URL": _url,
    "DATABASE_URL": _database,
    "EMAIL_URL": _mail_server,
    "MAIL_FROM": _sender,
}
