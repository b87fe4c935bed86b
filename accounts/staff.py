"""The staff's site: a second factor at its door, and pages that show only what their role may see."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class StaffSite(admin.AdminSite):
    """The practice's back office."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_mfa_enabled(request.user, SECOND_FACTORS)

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if super().has_permission(request) and not self.has_permission(request):
            messages.warning(request, _("Staff need a second step to sign in. Please add an authenticator app or a passkey."))
            return redirect("mfa_index")
        return secure_admin_login(super().login)(request, extra_context)
