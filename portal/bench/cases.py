"""Which pages are measured, and as whom."""

from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse

BARE = "/bare/"  # Django with one view and nothing else, what the others are measured beside


class Visitor(StrEnum):
    NOBODY = "nobody"
    CLIENT = "client"
    OWNER = "owner"


@dataclass(frozen=True)
class Case:
    """One page. `name` stands in the report, `page` is a URL's name."""

    name: str
    page: str
    visitor: Visitor
    query: str = ""

    @property
    def path(self) -> str:
        return reverse(self.page) + self.query


CASES = (
    Case("sign-in", "account_login", Visitor.NOBODY),
    Case("dashboard", "portal:dashboard", Visitor.CLIENT),
    Case("files", "uploads:uploads", Visitor.CLIENT),
    Case("profile", "accounts:profile", Visitor.CLIENT),
    Case("staff home", "admin:index", Visitor.OWNER),
    Case("client list", "admin:accounts_client_changelist", Visitor.OWNER),
    Case("client search", "admin:accounts_client_changelist", Visitor.OWNER, "?q=garcia"),
    Case("file list", "admin:uploads_upload_changelist", Visitor.OWNER),
)
