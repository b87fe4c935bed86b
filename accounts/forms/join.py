"""Signing up with an invitation."""

from typing import Any

from allauth.mfa.webauthn.internal.auth import complete_registration
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import RegistrationResponse

from accounts.forms.account import LONGEST_PASSWORD
from accounts.forms.passkey import CredentialField
from accounts.models import Invitation, Practice, User


class JoinForm(forms.Form):
    """The invited address is shown, and nothing that is posted can change it."""

    email = forms.EmailField(label=_("E-mail"), disabled=True, required=False)
    birth_date = forms.DateField(
        label=_("Birth date of the person the invitation is about"),
        help_text=_("So that we know the invitation reached the right person."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        required=False,
        max_length=LONGEST_PASSWORD,
        help_text=_("At least 10 characters. A few unrelated words are good and easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "10"}, render_value=False),
    )
    passkey = CredentialField(RegistrationResponse, required=False)
    agrees = forms.BooleanField(
        label=_("I agree to the terms of use and have read the privacy notice."),
        error_messages={"required": _("Please read the terms and the privacy notice and tick this box.")},
    )

    def __init__(self, invitation: Invitation, practice: Practice, data: Any = None) -> None:
        super().__init__(data, initial={"email": invitation.email})
        self.invitation = invitation
        if not practice.asks_birth_date:
            del self.fields["birth_date"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            client = self.invitation.client
            validate_password(password, User(email=self.invitation.email, name=client.name))
        return password

    def clean_passkey(self) -> dict[str, Any] | None:
        credential = self.cleaned_data["passkey"]
        if not credential:
            return None
        if not complete_registration(credential).is_user_verified():
            raise ValidationError(_("This passkey did not check that it is you. Please try again, or use a password."))
        return credential

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("password") and not cleaned.get("passkey") and not self.has_error("password"):
            self.add_error("password", _("Please choose a password, or a passkey."))
        return cleaned
