"""How an insurance reads: what is so, what waits for the practice, what it did not take over and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import Practice, ProposedChange
from accounts.proposals import label_of, value_of
from billing.models import Coverage, CoverageChange
from uploads.models import Upload
from uploads.refusals import sentence

Change = CoverageChange
Status = Coverage.Status

SIDES = ("front", "back")
WORDS = (
    "payor", "plan", "subscriber_id", "group", "order", "relationship", "subscriber_name", "subscriber_birth_date",
    "valid_from", "valid_to",
)  # fmt: skip
# So long a refusal and its reason stand on the page.
READ_FOR = timedelta(days=30)


def today_here() -> date:
    """The day that it is at the practice."""
    return timezone.now().astimezone(ZoneInfo(Practice.current().time_zone)).date()


def wanted(coverage: Coverage, waiting: Iterable[Change]) -> dict[str, Any]:
    """A policy's values as JSON, as its client wants them: those that wait in place of those that are."""
    now = {name: value_of(coverage, name) for name in (*WORDS, *SIDES)}
    return now | {change.field: change.new for change in waiting}


def why_unusable(card: Upload | None) -> str:
    """Why a picture cannot be taken over: nobody can open it. Empty where it can."""
    if card and card.status == Upload.Status.SCANNING:
        return _("This file is still being checked. Please try again in a moment.")
    if card and (card.status == Upload.Status.REJECTED or card.withdrawn_at):
        return _("This file cannot be used. Please do not take it over, and ask for another one.")
    return ""


@dataclass(frozen=True)
class Picture:
    """One side of the card; `refusal` says why its file cannot be used."""

    label: str
    upload: Upload

    @property
    def refusal(self) -> str:
        return str(sentence(self.upload.refusal)) if self.upload.status == Upload.Status.REJECTED else ""


@dataclass(frozen=True)
class Said:
    """One value that was proposed."""

    change: Change
    label: str
    words: str
    picture: Picture | None = None


@dataclass(frozen=True)
class Policy:
    """A policy with all that a page says of it."""

    coverage: Coverage
    title: str
    facts: list[tuple[str, str]]
    pictures: list[Picture]
    waiting: list[Said] = field(default_factory=list)
    refused: list[Said] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.coverage.status == Status.DRAFT

    @property
    def is_valid(self) -> bool:
        return self.coverage.status == Status.ACTIVE

    @property
    def lacks_answer(self) -> bool:
        """Nothing waits any more, and too little was taken over: it is the client's turn."""
        return self.is_new and not self.waiting


def policies(coverages: Iterable[Coverage], said: Iterable[Change], uploads: Iterable[Upload]) -> list[Policy]:
    """In the order of `coverages`; `said` are their changes from the first to the last, `uploads` their pictures."""
    files = {str(upload.pk): upload for upload in uploads}
    by_row: dict[Any, list[Change]] = {}
    for change in said:
        by_row.setdefault(change.coverage_id, []).append(change)
    return [_policy(coverage, by_row.get(coverage.pk, []), files) for coverage in coverages]


def picture_keys(coverages: Iterable[Coverage], said: Iterable[Change]) -> set[str]:
    """The uploads that these policies show."""
    there = {str(key) for coverage in coverages for key in (coverage.front_id, coverage.back_id) if key}
    return there | {str(change.new) for change in said if change.field in SIDES and change.new}


def _policy(coverage: Coverage, said: Sequence[Change], files: dict[str, Upload]) -> Policy:
    newest = {change.field: change for change in said if change.status != Change.Status.WITHDRAWN}
    waiting = [change for change in newest.values() if change.status == Change.Status.PROPOSED]
    refused = [change for change in newest.values() if is_refused_lately(change)]
    return Policy(
        coverage=coverage,
        title=_title(coverage, waiting),
        facts=_facts(coverage),
        pictures=_pictures(coverage, files),
        waiting=_in_order(coverage, waiting, files),
        refused=_in_order(coverage, refused, files),
    )


def _title(coverage: Coverage, waiting: Iterable[Change]) -> str:
    """A new one goes by the name that its client gives it."""
    if coverage.status != Status.DRAFT:
        return str(coverage)
    there = wanted(coverage, waiting)
    return " ".join(filter(None, [there["payor"], there["plan"]])) or str(coverage)


def is_refused_lately(change: ProposedChange) -> bool:
    """So long its reason is there to be read."""
    decided = change.decided_at
    return change.status == Change.Status.REJECTED and bool(decided and decided > timezone.now() - READ_FOR)


def _in_order(coverage: Coverage, said: list[Change], files: dict[str, Upload]) -> list[Said]:
    places = (*WORDS, *SIDES)
    return [_said(coverage, change, files) for change in sorted(said, key=lambda one: places.index(one.field))]


def _said(coverage: Coverage, change: Change, files: dict[str, Upload]) -> Said:
    label = label_of(coverage, change.field)
    if change.field in SIDES:
        upload = files.get(str(change.new))
        return Said(change, label, str(upload or ""), Picture(label, upload) if upload else None)
    return Said(change, label, words_of(coverage, change.field, change.new))


def words_of(coverage: Coverage, name: str, value: Any) -> str:
    """A value of a policy as its client reads it; nothing is a dash."""
    model_field: Any = coverage._meta.get_field(name)
    if model_field.choices:
        return str(dict(model_field.flatchoices).get(value, value))
    read = model_field.to_python(value)
    return formats.date_format(read, "DATE_FORMAT") if isinstance(read, date) else str(read or "–")


def _facts(coverage: Coverage) -> list[tuple[str, str]]:
    """What is so, where there is something to say. The company is the title, and who pays first a badge."""
    facts = [(name, words_of(coverage, name, value_of(coverage, name))) for name in WORDS if _is_told(coverage, name)]
    told = [(label_of(coverage, name), words) for name, words in facts]
    return [*told, *([(_("Ended"), _day(coverage.ended_at))] if coverage.ended_at else [])]


def _is_told(coverage: Coverage, name: str) -> bool:
    if name in {"payor", "plan", "order"} or not getattr(coverage, name):
        return False
    return name != "relationship" or coverage.relationship != Coverage.Relationship.SELF


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "DATE_FORMAT")


def _pictures(coverage: Coverage, files: dict[str, Upload]) -> list[Picture]:
    there = [(side, files.get(str(getattr(coverage, f"{side}_id")))) for side in SIDES]
    return [Picture(label_of(coverage, side), upload) for side, upload in there if upload]
