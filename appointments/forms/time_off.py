"""What staff type in of when providers see nobody."""

from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Practice, Provider, User
from appointments.forms.days import DayInput, TimeInput, near
from appointments.keeping import EVERY, kept_by
from appointments.local_time import NoSuchTime, instant, local, start_of_day
from appointments.models import Schedule, TimeOff
from appointments.working import DAY


class TimeOffForm(forms.ModelForm):
    """Whole days, or from a time to a time, by the clock of the provider's schedule."""

    first_day = forms.DateField(label=_("First day"), widget=DayInput, validators=[near])
    starts = forms.TimeField(
        label=_("From"), required=False, widget=TimeInput, help_text=_("Leave both times empty for whole days.")
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput,
        validators=[near],
        help_text=_("Left empty, it is the first day."),
    )
    ends = forms.TimeField(label=_("To"), required=False, widget=TimeInput)

    class Meta:
        model = TimeOff
        fields = ("provider", "reason")

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "provider" in self.fields:
            self._offer_providers()
        if not self.instance._state.adding:
            self._show_stored()

    def _offer_providers(self) -> None:
        field = cast(forms.ModelChoiceField, self.fields["provider"])
        known = Provider.objects.filter(pk=self.instance.provider_id)
        field.queryset = kept_by(self.user) | known.order_by("name", "pk")
        if self.user.has_perm(EVERY):
            field.empty_label = gettext("Everybody: the practice is closed")
        else:
            field.required, field.initial = True, getattr(self.user, "provider", None)

    def _show_stored(self) -> None:
        zone = zone_of(self.instance.provider)
        starts, ends = local(self.instance.starts_at, zone), local(self.instance.ends_at, zone)
        whole = all(at == start_of_day(day, zone) for at, day in (
            (self.instance.starts_at, starts.date()), (self.instance.ends_at, ends.date()),
        ))  # fmt: skip
        self.initial["first_day"], self.initial["last_day"] = starts.date(), ends.date() - DAY if whole else ends.date()
        if not whole:
            self.initial["starts"], self.initial["ends"] = starts.time(), ends.time()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            self._set_times(given["first_day"], given["starts"], given["last_day"] or given["first_day"], given["ends"])
        return given

    def _set_times(self, first: date, starts: time | None, last: date, ends: time | None) -> None:
        zone = zone_of(self.cleaned_data.get("provider"))
        if (starts is None) != (ends is None):
            self.add_error("ends" if starts else "starts", _("Please give both times, or none for whole days."))
        elif last < first:
            self.add_error("last_day", _("The last day is before the first one."))
        elif starts is None or ends is None:
            self._set(start_of_day(first, zone), start_of_day(last + DAY, zone))
        else:
            # Of a time that happens twice that day, the whole of both is off.
            begin = self._instant("starts", datetime.combine(first, starts), zone, 0)
            end = self._instant("ends", datetime.combine(last, ends), zone, 1)
            if begin and end:
                self._set(begin, end)

    def _instant(self, field: str, at: datetime, zone: str, fold: int) -> datetime | None:
        try:
            return instant(at, zone, fold=fold)
        except NoSuchTime:
            words = gettext("There is no {time} on that day: the clocks go forward ({zone}). Please choose another.")
            self.add_error(field, words.format(time=f"{at:%H:%M}", zone=zone))
            return None

    def _set(self, begin: datetime, end: datetime) -> None:
        if begin >= end:
            self.add_error("ends", _("This ends before it begins."))
        self.instance.starts_at, self.instance.ends_at = begin, end


def zone_of(provider: Provider | None) -> str:
    """By whose clock a provider's time off is typed: their schedule's, otherwise the practice's."""
    if provider is not None:
        schedule = Schedule.objects.filter(provider=provider).first()
        if schedule:
            return schedule.time_zone
    return Practice.current().time_zone
