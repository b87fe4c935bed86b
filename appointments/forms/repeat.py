"""How a booking repeats: never, every so many weeks, or by a rule of one's own (RFC 5545 §3.3.10)."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import recurrence
from appointments.forms.booking import DAY
from appointments.forms.days import near
from appointments.local_time import start_of_day
from appointments.models import WorkingHours
from appointments.recurrence import MOST, BadRule, Occurrence

WRONG: dict[str, str | Promise] = {
    "unbounded": _("Please say how often, or until when: with COUNT or UNTIL."),
    "both": _("Please give COUNT or UNTIL, not both."),
    "too_often": _("Appointments repeat by days, not by hours or minutes."),
    "until": _("UNTIL has to be in UTC here, as in UNTIL=20271231T235959Z."),
    "never": _("This rule has no day at all."),
    "too_many": _("These are too many at once. Please choose at most {most}."),
    "too_far": _("This rule goes too far ahead."),
    "unsupported": _("This part of the rule cannot be used here: {part}"),
}


class RepeatForm(forms.Form):
    """Stands beside the form of the first booking, whose day and time the repetition begins with."""

    repeat = forms.ChoiceField(
        label=_("Repeat"),
        choices=[("", _("Never")), ("weekly", _("Every week, or every few weeks")), ("rule", _("By a rule of my own"))],
        required=False,
        widget=forms.RadioSelect,
    )
    every = forms.IntegerField(label=_("Every … weeks"), min_value=1, max_value=52, required=False, initial=1)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=WorkingHours.Weekday.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing ticked: on the day of the first."),
    )
    times = forms.IntegerField(label=_("How many times"), min_value=1, max_value=MOST, required=False)
    until = forms.DateField(label=_("Or until (that day included)"), widget=DAY, required=False, validators=[near])
    rrule = forms.CharField(
        label=_("Rule"),
        max_length=300,
        required=False,
        help_text=_("As calendars write it (RFC 5545), as in FREQ=MONTHLY;BYDAY=1TU;COUNT=6"),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("repeat") == "weekly" and not self.errors and bool(given.get("times")) == bool(given.get("until")):
            self.add_error("times", _("Please say how many times, or until when: one of the two."))
        if given.get("repeat") == "rule" and not given.get("rrule"):
            self.add_error("rrule", _("Please give the rule."))
        return given

    def occurrences(self, first: datetime, zone: str) -> list[Occurrence]:
        """All of them, soonest first; none where it does not repeat, or where the rule is wrong: its field says why.

        `first` is naive, by the clock of `zone`.
        """
        if not self.cleaned_data["repeat"]:
            return []
        try:
            return recurrence.occurrences(self.rule(first.date(), zone), first, zone)
        except BadRule as bad:
            self.add_error("rrule" if self.cleaned_data["repeat"] == "rule" else "times", _said(bad))
            return []

    def rule(self, first: date, zone: str) -> str:
        """As RFC 5545 writes it. Raises BadRule."""
        given = self.cleaned_data
        if given["repeat"] == "rule":
            return str(given["rrule"]).strip().removeprefix("RRULE:")
        days = given["weekdays"] or [first.weekday()]
        until = _last_second(given["until"], zone) if given["until"] else None
        return recurrence.weekly(given["every"] or 1, days, count=given["times"], until=until)


def _last_second(day: date, zone: str) -> datetime:
    return start_of_day(day + timedelta(days=1), zone) - timedelta(seconds=1)


def _said(bad: BadRule) -> str:
    words = WRONG.get(bad.code)
    if words is None:
        return gettext("This is no rule that can be followed: {part}").format(part=bad.part or bad.code)
    return str(words).format(most=MOST, part=bad.part)
