"""What staff type in to answer a request: a time, other times, why not, how it is cancelled."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, ClassVar, cast

from django import forms
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from appointments.fitting import Fit, fits, place
from appointments.forms.moments import MomentField
from appointments.models import ChangeRequest
from appointments.queue import clock, in_short

# Nobody books two years ahead; it is a slip in the year.
LATEST = timedelta(days=2 * 366)

WRONG: dict[str, str | Promise] = {
    "past": _("This time is over already."),
    "too_far": _("Please check the year."),
    "same_as_now": _("This is when it is booked now."),
    "twice": _("The same time is given twice."),
    "taken": _("Something else is booked then."),
    "room_taken": _("The room is taken then."),
    "time_off": _("There is time off then."),
    "outside_hours": _("This is outside working hours. Tick below if it is meant."),
}


class TimesForm(forms.Form):
    """Times for an appointment, from the open ones or typed; what stands against each is said beside it."""

    most: ClassVar[int]
    # Several such forms stand on one page, so each has a name of its own.
    name: ClassVar[str]
    field_order = ("slots", "time_1", "time_2", "time_3", "anyway", "answer")
    anyway = forms.BooleanField(label=_("Outside working hours is fine"), required=False)

    def __init__(self, asked: ChangeRequest, slots: Sequence[datetime], data: Any = None) -> None:
        super().__init__(data, prefix=self.name)
        self.asked, self.needs_anyway = asked, bool(data and data.get(self.add_prefix("anyway")))
        self.times, self.places = list[datetime](), list[str]()
        posted = filter(None, map(_instant, data.getlist(self.add_prefix("slots")))) if data else ()
        known = sorted({*slots, *posted})
        cast(forms.ChoiceField, self.fields["slots"]).choices = [(at.isoformat(), clock(at)) for at in known]
        zone = timezone.get_current_timezone_name()
        for name in self.typed_names:
            self.fields[name].help_text = gettext("In {zone} time.").format(zone=zone)

    @property
    def typed_names(self) -> list[str]:
        return [name for name in self.fields if name.startswith("time_")]

    def typed(self) -> list[forms.BoundField]:
        return [self[name] for name in self.typed_names]

    def days(self) -> list[tuple[str, list[Any]]]:
        """The open times by the day on which they are."""
        found = groupby(self["slots"].subwidgets, key=lambda one: _day(str(one.data["value"])))
        return [(day, list(boxes)) for day, boxes in found]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = list(self._named())
        self.places, self.times = [name for name, _at in named], [at for _name, at in named]
        self.refuse(dict(enumerate(self._problems())))
        if not self.errors and not 1 <= len(named) <= self.most:
            self.add_error("slots" if self.days() else "time_1", self._count_words())
        return cleaned

    def refuse(self, problems: Mapping[int, str]) -> None:
        """Say beside each time what stands against it."""
        for number, code in problems.items():
            if code:
                name, words = self.places[number], str(WRONG[code])
                self.needs_anyway |= code == Fit.OUTSIDE_HOURS
                self.add_error(name, f"{in_short(self.times[number])}: {words}" if name == "slots" else words)

    def _named(self) -> Iterator[tuple[str, datetime]]:
        """By the field in which it stands each time that was given."""
        chosen = self.cleaned_data.get("slots") or []
        for value in [chosen] if isinstance(chosen, str) else chosen:
            yield "slots", datetime.fromisoformat(value)
        for name in self.typed_names:
            if at := self.cleaned_data.get(name):
                yield name, at

    def _problems(self) -> list[str]:
        now, booking = timezone.now(), self.asked.appointment.booking
        found = [self._slip(number, at, now) for number, at in enumerate(self.times)]
        sound = [number for number, code in enumerate(found) if not code]
        stand_against = fits([place(booking, self.times[number]) for number in sound], now)
        for number, fit in zip(sound, stand_against, strict=True):
            if fit == Fit.OUTSIDE_HOURS and self.cleaned_data.get("anyway"):
                continue
            found[number] = "" if fit.is_free else fit.value
        return found

    def _slip(self, number: int, at: datetime, now: datetime) -> str:
        """What can be seen without asking the calendar."""
        if at <= now:
            return "past"
        if at > now + LATEST:
            return "too_far"
        if at == self.asked.appointment.starts_at:
            return "same_as_now"
        return "twice" if at in self.times[:number] else ""

    def _count_words(self) -> str:
        return gettext("Please choose a time, or type one.")


class ChooseForm(TimesForm):
    """The time for somebody to whom any suits."""

    name, most = "choose", 1
    slots = forms.ChoiceField(label=_("Open times"), required=False, widget=forms.RadioSelect)
    time_1 = MomentField(label=_("Another time"), required=False)

    def _count_words(self) -> str:
        if self.times:
            return gettext("Please choose one time only: an open one, or the one that you type.")
        return super()._count_words()


class OfferForm(TimesForm):
    """One to three times of which the client picks one."""

    name, most = "offer", 3
    slots = forms.MultipleChoiceField(label=_("Open times"), required=False, widget=forms.CheckboxSelectMultiple)
    time_1 = MomentField(label=_("Another time"), required=False)
    time_2 = MomentField(label=_("A second one"), required=False)
    time_3 = MomentField(label=_("A third one"), required=False)
    answer = forms.CharField(
        label=_("A few words to them"),
        max_length=500,
        required=False,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def _count_words(self) -> str:
        if self.times:
            return gettext("Please offer three times at the most; these are {n}.").format(n=len(self.times))
        return super()._count_words()


class DeclineForm(forms.Form):
    """Why it stays as it is."""

    answer = forms.CharField(
        label=_("Why not?"),
        help_text=_("The client reads this, for example “We are full until the holidays. Please call us.”"),
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please say why, in words for the client.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="decline")


class CancelForm(forms.Form):
    """Whether it counts as cancelled in time."""

    late = forms.TypedChoiceField(
        label=_("How does it count?"), widget=forms.RadioSelect, coerce=lambda value: value == "late"
    )

    def __init__(self, asked: ChangeRequest, fee: str, data: Any = None) -> None:
        super().__init__(data, initial={"late": "in_time" if asked.fee is None else "late"})
        late = gettext("Cancelled late, with the fee of {fee}").format(fee=fee) if fee else gettext("Cancelled late")
        choices = [("in_time", gettext("Cancelled in time, without a fee")), ("late", late)]
        cast(forms.TypedChoiceField, self.fields["late"]).choices = choices


def _day(value: str) -> str:
    return formats.date_format(timezone.localtime(datetime.fromisoformat(value)), "l, j F Y")


def _instant(value: str) -> datetime | None:
    """An instant as the page wrote it; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    # The first and the last years have no local time in every zone; the database knows no offset of a day.
    return at.astimezone(UTC) if at.tzinfo and 2000 < at.year < 2200 else None
