"""What staff type in of when providers work, and how their time is given away."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Practice, User
from appointments.forms.days import DayInput, TimeInput, near
from appointments.keeping import kept_by
from appointments.models import Location, Policy, Schedule, WorkingHours
from appointments.video_links import is_allowed
from appointments.working import MIDNIGHT, first_overlap, parts, stretch_of

BLANK, MOST = 5, 60
HOURS_SEEN = "_opened_hours"


class HoursForm(forms.ModelForm):
    """One stretch of working hours; a row without times is no row."""

    class Meta:
        model = WorkingHours
        fields = ("weekday", "starts", "ends", "location", "valid_from", "valid_until")
        widgets = {"starts": TimeInput, "ends": TimeInput, "valid_from": DayInput, "valid_until": DayInput}
        error_messages = {
            "starts": {"required": _("Please give the time at which these hours begin.")},
            "ends": {"required": _("Please give the time at which these hours end.")},
        }

    def __init__(self, *args: Any, places: Sequence[Location], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["location"])
        field.queryset = Location.objects.filter(pk__in=[place.pk for place in places])
        # Asked for once for all rows.
        field.choices = [("", "–"), *((place.pk, place.name) for place in places)]
        for name in ("valid_from", "valid_until"):
            self.fields[name].validators = [near]

    def has_changed(self) -> bool:
        """A day alone is offered in every blank row, and says nothing."""
        return bool(set(self.changed_data) - {"weekday"}) or bool(self.instance.pk and self.changed_data)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("starts") is not None and given["starts"] == given.get("ends") != MIDNIGHT:
            self.add_error("ends", _("These hours end when they begin."))
        first, last = given.get("valid_from"), given.get("valid_until")
        if first and last and first > last:
            self.add_error("valid_until", _("The last day is before the first one."))
        return given

    def _post_clean(self) -> None:
        """The row itself is checked when it is saved, as the parts that it may have on two days."""
        self.instance = forms.models.construct_instance(self, self.instance, self._meta.fields)

    @property
    def rows(self) -> list[WorkingHours]:
        """What is stored of it: hours past midnight are two rows, one on each day."""
        first, *night = parts(stretch_of(self.instance))
        self.instance.ends = first.ends
        more = [
            WorkingHours(
                weekday=part.weekday,
                starts=part.starts,
                ends=part.ends,
                valid_from=part.valid_from,
                valid_until=part.valid_until,
                location=self.instance.location,
            )
            for part in night
        ]
        return [self.instance, *more]


# Django's own class takes no types while it runs.
if TYPE_CHECKING:
    RowsOfSchedule = BaseInlineFormSet[WorkingHours, Schedule, HoursForm]
else:
    RowsOfSchedule = BaseInlineFormSet


class HoursFormSet(RowsOfSchedule):
    """All working hours of a schedule, and blank rows for more."""

    def clean(self) -> None:
        kept = self.kept
        overlap = first_overlap([stretch_of(form.instance) for form in kept])
        if overlap:
            later, earlier = (kept[n] for n in overlap)
            words = gettext("These hours overlap with {row}.").format(row=earlier.instance)
            later.add_error("starts", words)

    def add_fields(self, form: HoursForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = gettext("Remove")

    @property
    def kept(self) -> list[HoursForm]:
        """The rows that are to stay."""
        good = [form for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        return [form for form in good if form.instance.pk or form.has_changed()]

    @property
    def wrong(self) -> list[HoursForm]:
        return [form for form in self.forms if form.errors]


Hours = inlineformset_factory(
    Schedule,
    WorkingHours,
    form=HoursForm,
    formset=HoursFormSet,
    extra=BLANK,
    max_num=MOST,
    absolute_max=MOST,
    can_delete=True,
)


class ScheduleForm(forms.ModelForm):
    """How one provider's time is given away, with the working hours in `hours`."""

    class Meta:
        model = Schedule
        fields = ("provider", "time_zone", "is_published", "step_minutes", "notice_hours", "video_url")
        widgets = {"video_url": forms.URLInput}

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.setdefault("time_zone", Practice.current().time_zone)
            if "provider" in self.fields:
                free = kept_by(self.user).filter(schedule=None)
                cast(forms.ModelChoiceField, self.fields["provider"]).queryset = free
        if "video_url" in self.fields:
            words = gettext("Instead of the portal’s own room: https, on {hosts}.")
            hosts = Policy.current().video_hosts
            self.fields["video_url"].help_text = words.format(hosts=", ".join(hosts) or gettext("no site yet"))

    @cached_property
    def hours(self) -> HoursFormSet:
        data = self.data if self.is_bound else None
        given: dict[str, Any] = {"initial": self._offered_days(), "form_kwargs": {"places": list(self._places())}}
        return cast(HoursFormSet, Hours(data, instance=self.instance, prefix="hours", **given))

    def _places(self) -> QuerySet[Location]:
        """Those in use, and those that are chosen already."""
        new = self.instance._state.adding
        used = WorkingHours.objects.none() if new else self.instance.hours.exclude(location=None)
        return Location.objects.filter(Q(is_active=True) | Q(pk__in=used.values("location")))

    def _offered_days(self) -> list[dict[str, Any]]:
        """Of a new schedule the blank rows are the days on which most people work."""
        return [{"weekday": day} for day in range(BLANK)] if self.instance._state.adding else []

    @property
    def hours_seen(self) -> str:
        """Names the working hours as they are now: whoever saves later hears of whoever saved before."""
        rows = [] if self.instance._state.adding else self.instance.hours.order_by("pk")
        return sha256(repr([(row.pk, stretch_of(row), row.location_id) for row in rows]).encode()).hexdigest()[:16]

    def clean_video_url(self) -> str:
        url: str = self.cleaned_data["video_url"]
        hosts = Policy.current().video_hosts
        if url and not is_allowed(url, hosts):
            words = gettext("This link leads to a site that the practice does not allow. Allowed are: {hosts}.")
            raise ValidationError(words.format(hosts=", ".join(hosts) or "–"))
        return url

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if HOURS_SEEN in self.data and self.data[HOURS_SEEN] != self.hours_seen:
            words = _(
                "Somebody else saved these working hours meanwhile. What you typed is still here: compare it, then "
                "save once more to keep it."
            )
            raise ValidationError(words)
        return given

    def is_valid(self) -> bool:
        mine, theirs = super().is_valid(), self.hours.is_valid()
        return mine and theirs

    @property
    def rows(self) -> list[WorkingHours]:
        return [row for form in self.hours.kept for row in form.rows]
