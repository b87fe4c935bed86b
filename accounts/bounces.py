"""Reading what a mail server reports about a mail of ours (RFC 3464)."""

import re
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message
from uuid import UUID

# Any domain: it is that of PORTAL_URL at the time the mail was sent.
OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]+>", re.IGNORECASE)


class NotAReport(Exception):
    """What came in is not a delivery report about a mail of ours; the words say why."""


@dataclass(frozen=True)
class Report:
    """What became of one mail. `failed` is false for news that may still turn good (delayed, relayed)."""

    mail_id: UUID
    failed: bool
    words: str


def read(raw: bytes) -> Report:
    """Understand a delivery report as it came by mail; raises NotAReport."""
    _cover, *parts = message_from_bytes(raw, policy=policy.default).walk()
    if not any(part.get_content_type() == "message/delivery-status" for part in parts):
        raise NotAReport("This is not a delivery report (RFC 3464).")
    mail_id = next((found for part in parts if (found := _mail_of(part))), None)
    if mail_id is None:
        raise NotAReport("This report does not name a mail of this portal.")
    failed = next((part for part in parts if _field(part, "Action").casefold() == "failed"), None)
    return Report(mail_id, failed is not None, _words(failed) if failed else "")


def _mail_of(part: Message) -> UUID | None:
    """The Message-ID in the copy of the mail that the report is about: the whole mail, or its headers as a text."""
    if part.get_content_type() == "text/rfc822-headers":
        part = message_from_string(str(part.get_payload()), policy=policy.default)
    found = OURS.search(_field(part, "Message-ID"))
    return UUID(found[1]) if found else None


def _words(block: Message) -> str:
    said = _field(block, "Diagnostic-Code").removeprefix("smtp;") or _field(block, "Status")
    return " ".join(said.split())


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()
