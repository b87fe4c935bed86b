"""Which pages are measured, and as whom."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.urls import reverse

FORM = UUID("0d8a9c1e-5b43-4f0a-8a37-51c0a4e0b001")  # the one that the client fills in
BARE = "/bare/"  # Django with one view and nothing else, what the others are measured beside
SLOTS = "/bare/slots/"  # the same with one question: when are twenty providers free for a month?


class Visitor(StrEnum):
    NOBODY = "nobody"
    CLIENT = "client"
    OWNER = "owner"


@dataclass(frozen=True)
class Case:
    """One page. `name` stands in the report, `page` is a URL's name, or a path of the benchmark's own."""

    name: str
    page: str
    visitor: Visitor
    query: str = ""
    key: UUID | None = None

    @property
    def path(self) -> str:
        if self.page.startswith(BARE):
            return self.page
        return reverse(self.page, args=[self.key] if self.key else None) + self.query


CASES = (
    Case("sign-in", "account_login", Visitor.NOBODY),
    Case("dashboard", "portal:dashboard", Visitor.CLIENT),
    Case("files", "uploads:uploads", Visitor.CLIENT),
    Case("forms", "forms_app:forms", Visitor.CLIENT),
    Case("form of 100 items", "forms_app:fill", Visitor.CLIENT, key=FORM),
    Case("past appointments", "appointments:appointments", Visitor.CLIENT, "?when=past"),
    Case("page 400 of them", "appointments:appointments", Visitor.CLIENT, "?when=past&page=400"),
    Case("profile", "accounts:profile", Visitor.CLIENT),
    Case("staff home", "admin:index", Visitor.OWNER),
    Case("client list", "admin:accounts_client_changelist", Visitor.OWNER),
    Case("client search", "admin:accounts_client_changelist", Visitor.OWNER, "?q=garcia"),
    Case("file list", "admin:uploads_upload_changelist", Visitor.OWNER),
    Case("slots of 20", SLOTS, Visitor.NOBODY),
    Case("assigned forms", "admin:forms_app_assignment_changelist", Visitor.OWNER),
)
