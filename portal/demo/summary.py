"""What somebody who starts the demo wants to know, in words for people and as JSON for scripts."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from accounts.models import Practice, User
from portal.demo.people import LOGINS, PASSWORD, TOTP_SECRET

Facts = dict[str, str | dict[str, dict[str, str]]]


@dataclass(frozen=True)
class Summary:
    """Where the demo stands and who can sign in."""

    practice: str
    invitation: str
    emails: dict[str, str]

    @classmethod
    def of(cls, invitation_token: str) -> "Summary":
        emails = dict(User.objects.filter(pk__in=[login.id for login in LOGINS]).values_list("pk", "email"))
        return cls(
            practice=Practice.current().name,
            invitation=address("accounts:join", invitation_token),
            emails={login.key: emails[login.id] for login in LOGINS if login.id in emails},
        )

    def facts(self) -> Facts:
        return {
            "portal": address("portal:dashboard"),
            "admin": address("admin:index"),
            "mail": address("demo:mails"),
            "demo": address("demo:home"),
            "invitation": self.invitation,
            "logins": {login.key: self._login(login.key, is_staff=bool(login.role)) for login in LOGINS},
        }

    def _login(self, key: str, *, is_staff: bool) -> dict[str, str]:
        known = {"email": self.emails.get(key, ""), "password": PASSWORD}
        return {**known, "totp_secret": TOTP_SECRET} if is_staff else known

    def words(self) -> str:
        rows = [f"  {login.about:<52} {self.emails.get(login.key, ''):<20} {PASSWORD}" for login in LOGINS]
        return "\n".join(
            [
                "",
                f"{self.practice} is open. Everything in it is invented.",
                "",
                f"  Portal            {address('portal:dashboard')}",
                f"  Admin             {address('admin:index')}",
                f"  Sent mails        {address('demo:mails')}",
                f"  An invitation     {self.invitation}",
                f"  Sign in by press  {address('demo:home')}",
                "",
                *rows,
                "",
                f"  Staff's second step: an authenticator app with the secret {TOTP_SECRET}",
                f"  (the six digits of now stand at {address('demo:home')})",
                "",
                "Ctrl-C stops everything.",
                "",
            ]
        )


def address(name: str, *args: str) -> str:
    return settings.PORTAL_URL + reverse(name, args=args)


def facts_file() -> Path:
    return settings.HOME / "demo.json"


def write_facts(facts: Facts) -> None:
    """All or nothing: whoever waits for the file reads it whole."""
    fresh = facts_file().with_suffix(f".{os.getpid()}.new")
    fresh.write_text(json.dumps(facts, indent=2) + "\n")
    fresh.replace(facts_file())


def withdraw_facts() -> None:
    """The demo is over, unless a second one on another port has written its own meanwhile."""
    try:
        known = json.loads(facts_file().read_text())
    except FileNotFoundError:
        return
    if known["portal"] == address("portal:dashboard"):
        facts_file().unlink(missing_ok=True)
