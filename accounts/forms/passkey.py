"""What a browser answers about a passkey: anything at all, until it is parsed."""

import struct
from typing import Any

from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts.fields import plain_text

# What parsing raises on broken JSON shapes, base64, CBOR and binary structures.
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


class CredentialField(forms.JSONField):
    """A `PublicKeyCredential` as JSON (WebAuthn §5.1). allauth checks what it claims; this, that it is one."""

    def __init__(self, kind: type[AuthenticationResponse | RegistrationResponse], *, required: bool = True) -> None:
        error_messages = {"required": _("No passkey was used. Please try again.")}
        super().__init__(required=required, widget=forms.HiddenInput, error_messages=error_messages)
        self.kind = kind

    def to_python(self, value: Any) -> Any:
        credential = super().to_python(value)
        if credential not in self.empty_values:
            try:
                self.kind.from_dict(credential)
            except BROKEN as error:
                raise ValidationError(_("That passkey could not be read. Please try again.")) from error
        return credential


class PasskeyNameField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Name of this passkey"),
            help_text=_("So that you can tell it from others, as in “My phone”."),
            max_length=60,
            validators=[plain_text],
            error_messages={"required": _("Please give it a name.")},
        )


class SignInByPasskeyForm(webauthn.LoginWebAuthnForm):
    credential = CredentialField(AuthenticationResponse)


class SecondStepByPasskeyForm(webauthn.AuthenticateWebAuthnForm):
    credential = CredentialField(AuthenticationResponse)


class PasskeyAgainForm(webauthn.ReauthenticateWebAuthnForm):
    credential = CredentialField(AuthenticationResponse)


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """Always one that signs in by itself; the page asks the browser for nothing less."""

    name = PasskeyNameField()
    credential = CredentialField(RegistrationResponse)
    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        return super().clean()


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    name = PasskeyNameField()
