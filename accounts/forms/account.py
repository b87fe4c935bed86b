"""Signing in and account security: allauth's forms, with our labels, hints and kind words.

`ACCOUNT_FORMS` and `MFA_FORMS` in the settings name them.
"""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.manage_email import assess_unique_email
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import canonical_email
from accounts.models import User

# Hashing takes its time; nobody types more than this.
LONGEST_PASSWORD = 1000
EMAIL, NEW_PASSWORD = _("E-mail"), _("New password")
PASSWORD_HELP = _("At least 10 characters. A few unrelated words are good and easy to remember.")


class AddressField(forms.EmailField):
    """An e-mail address, in its canonical spelling before it is checked: `ＡＮＡ@x` is `ana@x`."""

    def __init__(self, *, label: Any = EMAIL, autocomplete: str = "email") -> None:
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=label,
            max_length=254,
            widget=forms.EmailInput(attrs=attrs),
            error_messages={
                "required": _("Please type your e-mail address."),
                "invalid": _("Please type a whole e-mail address, as in name@example.com."),
            },
        )

    def to_python(self, value: Any) -> str:
        return canonical_email(super().to_python(value) or "")


class PasswordField(forms.CharField):
    """A password that may be pasted, and that nothing trims."""

    def __init__(self, *, label: Any, autocomplete: str = "current-password", help_text: Any = "") -> None:
        super().__init__(
            label=label,
            strip=False,
            max_length=LONGEST_PASSWORD,
            help_text=help_text,
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
            error_messages={"required": _("Please type your password.")},
        )


class NewPasswordField(PasswordField):
    """A password that is chosen here: checked against the rules, for the login given as `user`."""

    user: Any = None

    def __init__(self, *, label: Any = NEW_PASSWORD) -> None:
        super().__init__(label=label, autocomplete="new-password", help_text=PASSWORD_HELP)
        self.error_messages["required"] = _("Please choose a password.")

    def clean(self, value: Any) -> str:
        return get_adapter().clean_password(super().clean(value), user=self.user)


class CodeField(forms.CharField):
    """A code of digits from a mail, an app or a sheet of paper; blanks and dashes do not matter."""

    def __init__(self, *, label: Any, help_text: Any = "", longest: int = 24) -> None:
        attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=longest,
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": _("Please type the code.")},
        )


class SignInForm(account.LoginForm):
    password = PasswordField(label=_("Password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField(autocomplete="username")
        self.order_fields(["login", "password"])


def _who_may_sign_in(email: str) -> User | None:
    """One look, whoever it is; allauth's own takes longer for an address that has no login."""
    return User.objects.filter(email=email, is_active=True).first()


class CodeRequestForm(account.RequestLoginCodeForm):
    email = AddressField(autocomplete="username")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            raise get_adapter().validation_error("too_many_login_attempts")
        self._user = _who_may_sign_in(email)
        return email


class MailedCodeForm(account.ConfirmLoginCodeForm):
    code = CodeField(label=_("Code from the e-mail"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # No code was sent, as there is no such login: take as long as if allauth had looked it up.
        if not self.expected_code:
            _who_may_sign_in("")


class ForgottenPasswordForm(account.ResetPasswordForm):
    email = AddressField(autocomplete="username")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        user = _who_may_sign_in(email)
        self.users = [user] if user else []
        return email


class NewPasswordForm(account.ResetPasswordKeyForm):
    password1 = NewPasswordField()
    # Typed once: the page can show it.
    password2 = None


class ChangePasswordForm(account.ChangePasswordForm):
    oldpassword = PasswordField(label=_("Current password"))
    password1 = NewPasswordField()
    password2 = None

    def clean_oldpassword(self) -> str:
        """Counted like any other try, so that a borrowed session is no place to guess in."""
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password


class SetPasswordForm(account.SetPasswordForm):
    password1 = NewPasswordField()
    password2 = None


class ReauthenticateForm(account.ReauthenticateForm):
    password = PasswordField(label=_("Password"))


class ChangeEmailForm(account.AddEmailForm):
    email = AddressField(label=_("New e-mail address"))

    def clean_email(self) -> str:
        return canonical_email(super().clean_email())


class ConfirmEmailForm(account.ConfirmEmailVerificationCodeForm):
    code = CodeField(label=_("Code from the e-mail"))

    def clean_code(self) -> str:
        """Somebody may have taken the address since the code was sent, or had it all along."""
        code = account.BaseConfirmCodeForm.clean_code(self)
        if assess_unique_email(self.email, user=self.user) is not True:
            raise ValidationError(
                _("This address belongs to another login. Please choose a different one, or call us.")
            )
        return code


class SecondStepForm(mfa.AuthenticateForm):
    code = CodeField(
        label=_("Code"),
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
    )


class SecondStepAgainForm(mfa.ReauthenticateForm):
    code = CodeField(
        label=_("Code"),
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
    )


class AddAppForm(totp.ActivateTOTPForm):
    code = CodeField(label=_("Six digits that the app shows now"), longest=12)
