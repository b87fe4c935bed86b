"""What staff type to book and to move: whom, what, when by the practice's clock, and how it repeats."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choosing import ClientsField
from accounts.fields import plain_text
from accounts.models import Client, Provider
from appointments.local_time import NoSuchTime, TwiceThatDay, instant, local
from appointments.models import Appointment, Booking, Location, Modality, Policy, Room, Service
from appointments.planning import What
from appointments.video_links import is_allowed

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
FURTHEST = timedelta(days=5 * 366)


class PlanForm(forms.Form):
    """All of a booking but whose it is. `zone` is the practice's: its clock is the one that is typed by."""

    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.none())
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.none())
    day = forms.DateField(label=_("Day"), widget=DAY)
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    fold = forms.TypedChoiceField(
        label=_("Which of the two"),
        choices=[("0", _("The first, before the clocks go back")), ("1", _("The second, after it"))],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    minutes = forms.IntegerField(
        label=_("Length (minutes)"),
        min_value=5,
        max_value=1440,
        required=False,
        help_text=_("Left empty: as long as the service."),
    )
    modality = forms.ChoiceField(label=_("How"), choices=[("", _("As the service")), *Modality.choices], required=False)
    location = forms.ModelChoiceField(
        label=_("Place"), queryset=Location.objects.none(), required=False, empty_label=_("As the service")
    )
    room = forms.ModelChoiceField(
        label=_("Room"), queryset=Room.objects.none(), required=False, empty_label=_("No room")
    )
    video_url = forms.URLField(
        label=_("Video link of this appointment"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Left empty: the provider’s own."),
    )
    shows_names = forms.BooleanField(label=_("Those who take part see each other’s first names"), required=False)
    note = forms.CharField(
        label=_("Note for the team"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[plain_text],
        help_text=_("Clients never read it."),
    )
    anyway = forms.BooleanField(label=_("Book anyway"), required=False)

    def __init__(
        self, *args: Any, zone: str, providers: QuerySet[Provider], booking: Booking | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.booking = zone, booking
        self.starts_at: datetime | None = None
        self._offer("service", Service.objects.filter(is_active=True), booking and booking.service_id)
        self._offer("provider", providers, booking and booking.provider_id)
        self._offer("location", Location.objects.filter(is_active=True), booking and booking.location_id)
        rooms = Room.objects.filter(is_active=True, location__is_active=True).select_related("location")
        self._offer("room", rooms, booking and booking.room_id)
        words = gettext("By the clock of {zone}.").format(zone=zone)
        self.fields["at"].help_text = words

    def _offer(self, name: str, rows: QuerySet[Any], known: Any) -> None:
        """What is in use, and what it has already."""
        field = cast(forms.ModelChoiceField, self.fields[name])
        field.queryset = rows.model.objects.filter(pk__in=[*rows.values_list("pk", flat=True), known])
        if rows.query.select_related:
            field.queryset = field.queryset.select_related("location")

    @property
    def asks_fold(self) -> bool:
        return "fold" in self.errors or "fold" in self.data

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not date(2000, 1, 1) <= day <= timezone.localdate() + FURTHEST:
            raise ValidationError(_("Please check the year."))
        return day

    def clean_video_url(self) -> str:
        url: str = self.cleaned_data["video_url"]
        hosts = Policy.current().video_hosts
        if url and not is_allowed(url, hosts):
            words = gettext("This link leads to a site that the practice does not allow. Allowed are: {hosts}.")
            raise ValidationError(words.format(hosts=", ".join(hosts) or "–"))
        return url

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("day") and given.get("at"):
            self._read_time(given["day"], given["at"], given.get("fold"))
        room, place = given.get("room"), given.get("location")
        if room and place and room.location_id != place.pk:
            self.add_error("room", _("This room is in another place."))
        if self._has_link_in_vain(given):
            self.add_error("video_url", _("Only a video visit has a link."))
        return given

    def _has_link_in_vain(self, given: dict[str, Any]) -> bool:
        """What is typed is not dropped in silence; what the booking had goes when it is no video visit any more."""
        known = self.booking.video_url if self.booking else ""
        how = given.get("modality") or (given["service"].modality if given.get("service") else Modality.VIDEO)
        return bool(given.get("video_url") not in {None, "", known} and how != Modality.VIDEO)

    def _read_time(self, day: date, at: time, fold: int | None) -> None:
        """A time that the clocks skip is refused, and one that they show twice is asked about."""
        try:
            self.starts_at = instant(datetime.combine(day, at), self.zone, fold=fold)
        except NoSuchTime:
            self.add_error("at", _("The clocks skip this time on that day. Please choose another."))
        except TwiceThatDay:
            self.add_error("fold", _("The clocks go back that day, so this time comes twice. Please choose which."))

    def what(self) -> What:
        """As it is to be booked; what was left empty is as the service has it."""
        given = self.cleaned_data
        service: Service = given["service"]
        modality = given["modality"] or service.modality
        place = given["location"] or (given["room"].location if given["room"] else service.location)
        return What(
            provider=given["provider"],
            service=service,
            modality=modality,
            length=timedelta(minutes=given["minutes"]) if given["minutes"] else service.length,
            location=place if modality == Modality.IN_PERSON else None,
            room=given["room"],
            note=given.get("note", ""),
            video_url=given["video_url"] if modality == Modality.VIDEO else "",
            shows_names=given["shows_names"],
        )


def _following() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Which of the series"),
        choices=[("", _("Only this one")), ("1", _("This one and all that follow"))],
        coerce=bool,
        empty_value="",
        required=False,
        widget=forms.RadioSelect,
    )


class MoveForm(PlanForm):
    """Another time, provider, place or way; the note stays as it is."""

    following = _following()
    field_order = ("following",)

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        kwargs["initial"] = {**as_booked(booking, kwargs["zone"]), **(kwargs.get("initial") or {})}
        super().__init__(*args, booking=booking, **kwargs)
        del self.fields["note"]
        if booking.series_id is None:
            del self.fields["following"]
        self.fields["anyway"].label = _("Move anyway")

    def what(self) -> What:
        note = self.booking.note if self.booking else ""
        return What(**{**vars(super().what()), "note": note})


def as_booked(booking: Booking, zone: str) -> dict[str, Any]:
    """What a form shows of a booking."""
    begins = local(booking.starts_at, zone)
    names = ("service", "provider", "modality", "location", "room", "video_url", "shows_names")
    length = (booking.ends_at - booking.starts_at) // timedelta(minutes=1)
    # Its own time may be one that comes twice; whoever moves only its room is not asked which.
    fold = {"fold": begins.fold} if begins.fold else {}
    return {
        **{n: getattr(booking, n) for n in names},
        "day": begins.date(),
        "at": begins.time(),
        "minutes": length,
        **fold,
    }


class PlacesField(forms.ModelMultipleChoiceField):
    """Those who take part, by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.client)


class CancelForm(forms.Form):
    """Whose appointment is cancelled, and why, in words that they read."""

    following = _following()
    whom = PlacesField(
        label=_("For whom"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one client.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[plain_text],
        help_text=_("The client reads these words in the portal; the e-mail does not hold them."),
    )

    def __init__(self, booking: Booking, places: QuerySet[Appointment], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if booking.series_id is None:
            del self.fields["following"]
        cast(forms.ModelMultipleChoiceField, self.fields["whom"]).queryset = places


class NoteForm(forms.Form):
    """Words for the team."""

    note = forms.CharField(
        label=_("Note for the team"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[plain_text],
        help_text=_("Clients never read it."),
    )


class WhomForm(forms.Form):
    """The chosen clients, on their way through the booking form."""

    clients = ClientsField()

    def __init__(self, clients: QuerySet[Client], without_login: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom = cast(ClientsField, self.fields["clients"])
        whom.without_login, whom.queryset = without_login, clients
        self.initial.setdefault("clients", [client.pk for client in clients])
