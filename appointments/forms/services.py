"""What staff type in of what the practice offers, and of where."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Practice, Provider
from appointments.actions.services import FormsOfService
from appointments.models import Location, Modality, Room, Service
from forms_app.models import AssignmentRule, Questionnaire


class ServiceForm(forms.ModelForm):
    """A service, with the forms that clients fill in whenever it is booked."""

    form_urls = forms.MultipleChoiceField(
        label=_("Forms to fill in"),
        help_text=_("Assigned by themselves to whoever is booked. Who has one still to do is not asked for it twice."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    form_due_days = forms.IntegerField(
        label=_("Forms are due after (days)"),
        help_text=_("Counted from the day of the booking. Left empty, there is no day."),
        required=False,
        min_value=0,
        validators=[MaxValueValidator(365)],
    )

    class Meta:
        model = Service
        fields = ("name", "description", "minutes", "modality", "location", "providers", "price", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "price" in self.fields:
            self.fields["price"].help_text = gettext("In {currency}. Left empty, nothing is said about money.").format(
                currency=Practice.current().currency
            )
        if "location" in self.fields:
            _offer_places(self, self.instance.location_id)
        if "providers" in self.fields:
            known = [] if self.instance._state.adding else self.instance.providers.all()
            offered = Provider.objects.filter(Q(is_active=True) | Q(pk__in=known)).order_by("name", "pk")
            cast(forms.ModelMultipleChoiceField, self.fields["providers"]).queryset = offered
        if "form_urls" in self.fields:
            self._offer_forms()

    def _offer_forms(self) -> None:
        rules = rules_of(self.instance)
        cast(forms.MultipleChoiceField, self.fields["form_urls"]).choices = offered({rule.url for rule in rules})
        self.initial["form_urls"] = [rule.url for rule in rules]
        self.initial["form_due_days"] = next((rule.due_days for rule in rules), None)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("location") and given.get("modality") not in {None, Modality.IN_PERSON}:
            self.add_error("location", _("Only whoever is seen in person goes to a place. Please choose none."))
        return given

    @property
    def forms_of_service(self) -> FormsOfService | None:
        """None where the page did not ask for them."""
        if "form_urls" not in self.cleaned_data:
            return None
        return FormsOfService(self.cleaned_data["form_urls"], self.cleaned_data["form_due_days"])


def rules_of(service: Service) -> list[AssignmentRule]:
    """What is assigned whenever this service is booked."""
    used = AssignmentRule.objects.filter(service=service.pk, event=AssignmentRule.Event.NEW_BOOKING, is_active=True)
    return list(used.order_by("pk"))


def offered(known: Collection[str]) -> list[tuple[str, str]]:
    """The published forms, and those of which rules speak already, each once by its title."""
    words: dict[str, str] = {}
    rows = Questionnaire.objects.defer("resource").filter(
        Q(status=Questionnaire.Status.ACTIVE) | Q(url__in=list(known))
    )
    for row in sorted(rows, key=lambda row: (row.status == Questionnaire.Status.ACTIVE, row.created_at)):
        is_published = row.status == Questionnaire.Status.ACTIVE
        words[row.url] = row.title if is_published else gettext("{form} (not published)").format(form=row.title)
    return sorted(words.items(), key=lambda one: one[1].casefold())


def _offer_places(form: forms.ModelForm, known: int | None) -> None:
    """Those in use, and the one that is chosen already."""
    places = Location.objects.filter(Q(is_active=True) | Q(pk=known))
    cast(forms.ModelChoiceField, form.fields["location"]).queryset = places


class RoomForm(forms.ModelForm):
    """A room of a place."""

    class Meta:
        model = Room
        fields = ("location", "name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "location" in self.fields:
            _offer_places(self, self.instance.location_id)

    def clean_location(self) -> Location:
        """What is booked in a room is at the room's place."""
        place: Location = self.cleaned_data["location"]
        if self.instance.location_id not in {None, place.pk} and self.instance.bookings.exists():
            raise ValidationError(_("Appointments are booked in this room. Please make a new room at the other place."))
        return place
