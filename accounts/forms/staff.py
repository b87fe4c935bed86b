"""What staff type in: a client's facts, an invitation, rights, colleagues, the practice."""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms.grants import GRANTS
from accounts.models import Access, Client, Practice, Provider, User
from accounts.ownership import Area
from accounts.permissions import ROLES
from accounts.pictures import PictureField, face_of, logo, portrait

OLDEST = date(1900, 1, 1)


def _offer(form: forms.BaseForm, name: str, rows: QuerySet) -> None:
    """What a field lets choose from, known only when somebody asks."""
    cast(forms.ModelChoiceField, form.fields[name]).queryset = rows


class LanguageField(forms.ChoiceField):
    """One of the languages that the portal speaks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Language"), choices=settings.LANGUAGES, **kwargs)


class ClientForm(forms.ModelForm):
    """A client's facts; of a new one also who treats them, which the record shows later."""

    language = LanguageField()
    picture = PictureField(
        label=_("Picture"),
        help_text=_("JPEG, PNG, WebP or HEIC, up to 10 MB. Cut to a square."),
        shape=portrait,
        address=face_of,
    )
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "provider", Provider.objects.filter(is_active=True).order_by("name"))
        if self.instance._state.adding and "time_zone" in self.fields:
            self.initial.setdefault("time_zone", Practice.current().time_zone)

    def clean_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["birth_date"]
        if born and not OLDEST <= born <= timezone.localdate():
            raise ValidationError(_("Please check the year of the birth date."))
        return born


class InviteForm(forms.Form):
    """An offer to one address: who it is to the client, and what it may do."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    relationship = forms.ChoiceField(
        label=_("This person is"), choices=Access.Relationship.choices, widget=forms.RadioSelect
    )
    areas = forms.MultipleChoiceField(
        label=_("May see and use"), choices=Area.choices, initial=Area.values, widget=forms.CheckboxSelectMultiple
    )


class AssignForm(forms.Form):
    """Another provider for a care team."""

    provider = forms.ModelChoiceField(label=_("Add a provider"), queryset=Provider.objects.none())

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Provider.objects.filter(is_active=True).exclude(clients__client=client)
        _offer(self, "provider", others)


class FactorResetForm(forms.Form):
    """Why a second step should go."""

    reason = forms.CharField(
        label=_("How do you know that it is really them?"),
        help_text=_("For example: “Called back on the number we have, knew birth date and last visit.”"),
        max_length=300,
    )


class RolesField(forms.ModelMultipleChoiceField):
    """Roles by what they are called in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return gettext(obj.name)


class StaffForm(forms.ModelForm):
    """One of the staff, with their roles."""

    language = LanguageField()
    roles = RolesField(
        label=_("Roles"),
        queryset=Group.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What somebody may see and do is the sum of their roles."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].required = True
        if not self.instance._state.adding:
            self.initial["roles"] = self.instance.groups.all()
        elif "time_zone" in self.fields:
            self.initial.setdefault("time_zone", Practice.current().time_zone)

    class Meta:
        model = User
        fields = ("name", "email", "time_zone", "language")


class GrantsField(forms.ModelMultipleChoiceField):
    """Permissions by what they let somebody do."""

    def label_from_instance(self, obj: Any) -> str:
        return str(GRANTS.get(f"{obj.content_type.app_label}.{obj.codename}", obj.name))


class RoleForm(forms.ModelForm):
    """What a role may do: of all permissions, those that the portal asks for."""

    grants = GrantsField(
        # Without its context it would be Django's month too.
        label=pgettext_lazy("what a role may do", "May"),
        queryset=Permission.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {grant.split(".")[1] for grants in ROLES.values() for grant in grants}
        known = Permission.objects.select_related("content_type").filter(codename__in=asked)
        _offer(self, "grants", known.order_by("content_type__app_label", "content_type__model", "codename"))
        self.initial["grants"] = self.instance.permissions.all()


class ProviderForm(forms.ModelForm):
    """A provider's public face."""

    picture = PictureField(
        label=_("Picture"),
        help_text=_("JPEG, PNG, WebP or HEIC, up to 10 MB. Cut to a square."),
        shape=portrait,
        address=lambda provider: reverse("accounts:provider_picture", args=[provider.pk]),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            _offer(self, "user", User.objects.filter(is_staff=True).order_by("name", "email"))
            self.fields["user"].help_text = _("The login of this provider, if they have one: it decides whom they see.")


class PracticeForm(forms.ModelForm):
    """The practice's face and rules."""

    logo = PictureField(
        label=_("Logo"),
        help_text=_("JPEG, PNG, WebP or HEIC, up to 10 MB. Shown on every page, to everybody."),
        shape=logo,
        address=lambda practice: reverse("logo"),
    )
    hue = forms.IntegerField(
        label=_("Brand colour"),
        min_value=0,
        max_value=360,
        help_text=_("Slide until it looks like you. Text stays readable with every colour."),
        widget=forms.NumberInput(attrs={"type": "range", "data-hue": ""}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple, required=False
    )
    currency = forms.CharField(
        label=_("Currency"),
        help_text=_("Three letters, as in USD or EUR."),
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Please write three capital letters, as in USD."))],
    )
