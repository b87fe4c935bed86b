"""Up to three wished times: picked from those that are open, or typed, by the clock of the reader's zone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.formats import date_format, get_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments import local_time, wishes
from appointments.forms.requests import ReasonForm
from appointments.models import Policy
from appointments.picking import Day, days_of
from appointments.showing import begins_in_words, zone_name

ROWS = range(1, wishes.MOST + 1)
TIMES, ANY = "times", "any"
# The zone by which the page said that times are typed.
ZONE = "_zone"
AS_TYPED = ("%H:%M", "%H.%M", "%I:%M %p", "%I %p", "%I:%M%p", "%I%p")


@dataclass(frozen=True)
class Rules:
    """What decides which times may be wished. Instants are UTC, `zone` is the reader's."""

    now: datetime
    booked_at: datetime
    policy: Policy
    zone: str
    practice_zone: str

    def problems(self, times: list[datetime | None]) -> dict[int, str]:
        return wishes.problems(
            times,
            now=self.now,
            booked_at=self.booked_at,
            closes_before=self.policy.closes_before,
            horizon=self.policy.horizon,
        )

    @property
    def today(self) -> date:
        return local_time.local(self.now, self.zone).date()

    @property
    def last_day(self) -> date:
        """The last of which every time may be wished: of the day after it, some are beyond the horizon."""
        return local_time.local(self.now + self.policy.horizon, self.zone).date() - timedelta(days=1)

    def words(self, code: str) -> str:
        hours = self.policy.closes_hours
        return {
            "past": _("This time is over. Please choose a later one."),
            "too_soon": ngettext(
                "Changes online close {hours} hour before, so this time is too soon. Please choose a later one.",
                "Changes online close {hours} hours before, so this time is too soon. Please choose a later one.",
                hours,
            ).format(hours=hours),
            "too_far": _("This is too far ahead. Please choose a day until {day}.").format(
                day=date_format(self.last_day, "DATE_FORMAT")
            ),
            "same_as_now": _("This is the time that your appointment has now. Please choose another."),
            "twice": _("You wish for this time twice. Please choose another, or leave this empty."),
        }[code]


class OpenTimesField(forms.MultipleChoiceField):
    """Some of the open times. Which of them are still open is asked by the form."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[datetime]:
        return list(dict.fromkeys(self._read(text) for text in value or ()))

    def _read(self, text: str) -> datetime:
        try:
            at = datetime.fromisoformat(text)
            # A time without an offset is nobody's instant.
            return at.astimezone(UTC) if at.tzinfo else self._refuse()
        except (ValueError, OverflowError):
            return self._refuse()

    def _refuse(self) -> NoReturn:
        raise ValidationError(_("That is not one of the open times. Please choose again."))


class ClockField(forms.TimeField):
    """A time of day, from a browser's own input, or as people type it where there is none."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **more)
        self.error_messages["invalid"] = gettext_lazy("Please type a time like 09:30.")

    def to_python(self, value: Any) -> time | None:
        self.input_formats = [*get_format("TIME_INPUT_FORMATS"), *AS_TYPED]
        return super().to_python(value)


@dataclass(frozen=True)
class Row:
    """The inputs of one typed time."""

    name: str
    day: forms.BoundField
    start: forms.BoundField
    end: forms.BoundField
    # Which of the two, where the clock shows that time twice.
    again: forms.BoundField | None

    @property
    def is_empty(self) -> bool:
        return not any(part.data or part.errors for part in (self.day, self.start, self.end))


class RescheduleForm(ReasonForm):
    """When somebody would rather come, and why. `open_times` is None where the practice does not publish them."""

    how = forms.ChoiceField(
        label=gettext_lazy("When would suit you?"),
        choices=[(TIMES, gettext_lazy("At times that I choose")), (ANY, gettext_lazy("Any time that suits"))],
        initial=TIMES,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose one of the two.")},
    )
    slot = OpenTimesField(label=gettext_lazy("Open times"), required=False)
    field_order = ("how", "slot")

    def __init__(
        self, data: Any = None, *, rules: Rules, open_times: Sequence[datetime] | None = None, **more: Any
    ) -> None:
        super().__init__(data, requires_reason=rules.policy.requires_reason, **more)
        self.rules, self.open_times = rules, open_times
        self.wished: list[datetime] = []
        # Until when one could come, for wished times of which that was said.
        self.until: dict[datetime, datetime] = {}
        self.places: list[str] = []
        self.asks_which: set[int] = set()
        for row in ROWS:
            self._add_row(row)
        self.order_fields(["how", "slot", *(f"{part}_{row}" for row in ROWS for part in PARTS), "reason"])

    def _add_row(self, row: int) -> None:
        name = row_name(row)
        limits = {"type": "date", "min": self.rules.today.isoformat(), "max": self.rules.last_day.isoformat()}
        self.fields[f"date_{row}"] = forms.DateField(
            label=_("{row}, day").format(row=name),
            required=False,
            widget=forms.DateInput(format="%Y-%m-%d", attrs=limits),
            error_messages={"invalid": gettext_lazy("Please type a day like 2027-03-01.")},
        )
        self.fields[f"start_{row}"] = ClockField(label=_("{row}, from").format(row=name))
        self.fields[f"end_{row}"] = ClockField(label=_("{row}, until").format(row=name))
        self.fields[f"again_{row}"] = forms.ChoiceField(
            label=_("{row}, which of the two?").format(row=name),
            required=False,
            choices=[("0", ""), ("1", "")],
            widget=forms.RadioSelect,
        )

    # What is shown ------------------------------------------------------------------------------

    @property
    def rows(self) -> list[Row]:
        return [
            Row(row_name(row), self[f"date_{row}"], self[f"start_{row}"], self[f"end_{row}"], self._again(row))
            for row in ROWS
        ]

    def _again(self, row: int) -> forms.BoundField | None:
        return self[f"again_{row}"] if row in self.asks_which else None

    @property
    def has_typed(self) -> bool:
        return any(not row.is_empty for row in self.rows)

    @property
    def chosen(self) -> list[datetime]:
        """The open times that are ticked, and still open."""
        return [at for at in self._ticked() if at in (self.open_times or ())]

    def _ticked(self) -> Iterator[datetime]:
        for text in dict.fromkeys(self["slot"].data or ()):
            with suppress(ValidationError):
                yield from OpenTimesField().clean([text])

    def chosen_beside(self, shown: Collection[datetime]) -> list[Day]:
        """Those that are ticked and not among the ones that are shown: they stay with the form."""
        return days_of((at for at in self.chosen if at not in shown), self.rules.zone)

    def typed(self) -> list[tuple[str, str]]:
        zone = self.rules.practice_zone
        picked = [(str(self["slot"].label), begins_in_words(at, zone)) for at in self._ticked()]
        others = [
            (label, words) for label, words in super().typed() if label not in {self["slot"].label, self["how"].label}
        ]
        return picked + others

    def forget_errors(self) -> None:
        """For a page that is only turned: nothing was sent yet."""
        self.full_clean()
        self._errors = ErrorDict()

    # What is asked ------------------------------------------------------------------------------

    @property
    def any_time(self) -> bool:
        return self.cleaned_data.get("how") == ANY

    def clean(self) -> dict[str, Any]:
        if self.any_time:
            self._leave_out_times()
            return self.cleaned_data
        if self.data.get(ZONE, self.rules.zone) != self.rules.zone and self.has_typed:
            self.add_error(None, _("Your time zone was changed meanwhile. Please check the times, then send them."))
        times = [("slot", at) for at in self._picked()] + [typed for row in ROWS if (typed := self._typed(row))]
        self.places, self.wished = [place for place, _at in times], [at for _place, at in times]
        self.refuse(self.rules.problems([*self.wished]))
        self._count()
        return self.cleaned_data

    def _leave_out_times(self) -> None:
        """What is wrong with times that are not asked for does not matter."""
        for name in list(self.errors):
            if name not in {"how", "reason"}:
                del self.errors[name]

    def _count(self) -> None:
        of_times = [name for name in self.errors if name not in {"how", "reason"}]
        if not self.wished and not of_times:
            self.add_error(self._first_place, _("Please choose at least one time, or “Any time that suits”."))
        if len(self.wished) > wishes.MOST:
            self.add_error(self._first_place, _("Please choose no more than three times in all."))

    @property
    def _first_place(self) -> str:
        return "slot" if self.open_times else "date_1"

    def refuse(self, problems: Mapping[int, str]) -> None:
        """Say beside each wished time what is wrong with it."""
        for place, code in problems.items():
            name = self.places[place]
            if code == "past" and name.startswith("date_") and self.cleaned_data[name] == self.rules.today:
                name = name.replace("date", "start")
            self.add_error(name, self.rules.words(code))

    def _picked(self) -> list[datetime]:
        picked: list[datetime] = self.cleaned_data.get("slot", [])
        for at in picked:
            if at not in (self.open_times or ()):
                words = _("That time was just taken: {time}. Please choose another.")
                self.add_error("slot", words.format(time=begins_in_words(at, self.rules.practice_zone)))
        return [at for at in picked if at in (self.open_times or ())]

    # Typed times --------------------------------------------------------------------------------

    def _typed(self, row: int) -> tuple[str, datetime] | None:
        """The instant of a typed time, with the field that stands for it; None for an empty or a wrong one."""
        day, start, end = (self.cleaned_data.get(f"{part}_{row}") for part in ("date", "start", "end"))
        if start and end and end <= start:
            self.add_error(f"end_{row}", _("This end is not after the start. Please check both."))
            end = None
        if any(f"{part}_{row}" in self.errors for part in ("date", "start")):
            return None
        if day is None and (start or end):
            self.add_error(f"date_{row}", _("Please choose a day too."))
        elif day is not None and start is None:
            self.add_error(f"start_{row}", _("Please type a time too."))
        if day is None or start is None or not self._is_near(row, day):
            return None
        at = self._instant(row, datetime.combine(day, start))
        if at and end:
            self._note_end(row, at, datetime.combine(day, end))
        return (f"date_{row}", at) if at else None

    def _is_near(self, row: int, day: date) -> bool:
        """Days that are not even near need no clock, and the very first and last have none in every zone."""
        code = "past" if day < self.rules.today else "too_far" if day > self.rules.last_day else ""
        if code:
            self.add_error(f"date_{row}", self.rules.words(code))
        return not code

    def _instant(self, row: int, local: datetime) -> datetime | None:
        try:
            return local_time.instant(local, self.rules.zone)
        except local_time.NoSuchTime:
            self.add_error(f"start_{row}", _skipped(local))
        except local_time.TwiceThatDay as twice:
            return self._which(row, twice)
        return None

    def _which(self, row: int, twice: local_time.TwiceThatDay) -> datetime | None:
        """The one that was meant; asked, never guessed."""
        name, both = f"again_{row}", (twice.first, twice.second)
        self.asks_which.add(row)
        choices: Any = [(str(fold), _reading(at, fold)) for fold, at in enumerate(both)]
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if chosen := self.cleaned_data.get(name):
            return both[int(chosen)]
        words = _("The clocks are put back on that day, so {time} happens twice. Which of the two do you mean?")
        self.add_error(name, words.format(time=time_format(twice.local)))
        return None

    def _note_end(self, row: int, at: datetime, local: datetime) -> None:
        try:
            ends = [local_time.instant(local, self.rules.zone)]
        except local_time.NoSuchTime:
            self.add_error(f"end_{row}", _skipped(local))
            return
        except local_time.TwiceThatDay as twice:
            ends = [twice.first, twice.second]
        # In a repeated hour the one that comes after the start; where none does, the clocks ran back past it.
        later = [end for end in ends if end > at]
        if later:
            self.until[at] = min(later)
        else:
            self.add_error(f"end_{row}", _("This end is not after the start. Please check both."))


PARTS = ("date", "start", "again", "end")


def row_name(row: int) -> str:
    return {1: _("First wish"), 2: _("Second wish"), 3: _("Third wish")}[row]


def _skipped(local: datetime) -> str:
    words = _("The clocks are put forward on that day, so {time} does not exist. Please choose another time.")
    return words.format(time=time_format(local))


def _reading(at: datetime, fold: int) -> str:
    words = _("the second one, at {time}") if fold else _("the first one, at {time}")
    local = timezone.localtime(at)
    return words.format(time=f"{time_format(local)} {zone_name(local)}")
