"""What the page and the script say of each file that was sent."""

from dataclasses import dataclass
from typing import Any

from django.contrib.messages import ERROR, INFO, SUCCESS
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from uploads.actions.files import Received
from uploads.handlers import MOST_FILES
from uploads.models import Upload
from uploads.names import safe_name
from uploads.refusals import sentence


@dataclass(frozen=True)
class Outcome:
    """One file: `word` is received, known, refused, failed; `checking`, `available` when asked after later."""

    name: str
    word: str
    words: str
    id: str = ""
    is_late: bool = False

    @property
    def is_kept(self) -> bool:
        return self.word in {"received", "known"}

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "outcome": self.word, "words": self.words, "id": self.id}


def of_received(received: Received, *, name: str | None, by: User) -> Outcome:
    """`name` is what its sender calls it this time."""
    upload = received.upload
    if upload is None:
        return Outcome(safe_name(name or ""), "refused", str(sentence(received.refusal or "")))
    if received.outcome == "known":
        name, said = safe_name(name or ""), _known(upload, by)
    else:
        name, said = upload.name, _("Received. We are checking it now.")
    if received.is_late:
        late = _("This request is not open any more, so we received it as a general file.")
        said = late if received.outcome == "received" else f"{said} {late}"
    return Outcome(name, received.outcome, said, str(upload.pk), received.is_late)


def _known(upload: Upload, by: User) -> str:
    day = date_format(timezone.localtime(upload.sent_at), "DATE_FORMAT")
    if upload.sent_by_id == by.pk:
        return _("You already sent this on {date}, as “{name}”. It is kept once.").format(date=day, name=upload.name)
    return _("This was already sent on {date}, as “{name}”. It is kept once.").format(date=day, name=upload.name)


def of_upload(upload: Upload) -> Outcome:
    """A file that is there, as it stands now."""
    if upload.status == Upload.Status.REJECTED:
        return Outcome(upload.name, "refused", str(sentence(upload.refusal)), str(upload.pk))
    if upload.is_available:
        return Outcome(upload.name, "available", _("Received and checked."), str(upload.pk))
    return Outcome(upload.name, "checking", _("Received. We are checking it now."), str(upload.pk))


def not_stored(name: str | None) -> Outcome:
    words = _("We could not store this file just now, and nothing of it was kept. Please try again in a while.")
    return Outcome(safe_name(name or ""), "failed", words)


def one_too_many(name: str | None) -> Outcome:
    words = _("Only {count} files can be sent at once. Please send this one by itself.").format(count=MOST_FILES)
    return Outcome(safe_name(name or ""), "failed", words)


def said(found: list[Outcome]) -> list[tuple[int, SafeString]]:
    """One message of all that is well, and one each of the others, by name."""
    well = [outcome for outcome in found if outcome.word == "received" and not outcome.is_late]
    others = [(INFO if outcome.is_kept else ERROR, _one(outcome)) for outcome in found if outcome not in well]
    return [(SUCCESS, _received(well)), *others] if well else others


def _received(well: list[Outcome]) -> SafeString:
    names = format_html_join(", ", "<bdi>{}</bdi>", ((outcome.name,) for outcome in well))
    words = ngettext(
        "Received: {names}. We are checking it now.", "Received: {names}. We are checking them now.", len(well)
    )
    return format_html(words, names=names)


def _one(outcome: Outcome) -> SafeString:
    return format_html("<strong><bdi>{}</bdi></strong>: {}", outcome.name, outcome.words)


def withdrawn(upload: Upload) -> SafeString:
    return format_html(_("{name} was withdrawn, and deleted here."), name=format_html("<bdi>{}</bdi>", upload.name))
