"""“I lost my phone”: one of the staff asks for a second step to be removed, another one confirms."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import factors as verbs
from accounts.forms.staff import FactorResetForm
from accounts.models import FactorReset, User
from accounts.permissions import Refused
from accounts.second_steps import resets_for
from accounts.staff import StaffAdmin, button, facts, staff_of
from accounts.states import ForbiddenMove


def ask_page(page: StaffAdmin, request: HttpRequest, user: User, *, back: str) -> HttpResponse:
    """First the reason is asked for, then the request is written down. Nothing else happens yet."""
    asked = "reason" in request.POST
    form = FactorResetForm(request.POST if asked else None)
    if asked and form.is_valid() and _ask(request, user, form):
        messages.success(
            request, _("Asked. Somebody else of the staff must confirm it; {login} was told.").format(login=user)
        )
        return redirect(back)
    context = {
        **page.admin_site.each_context(request),
        "title": _("Remove the second step of {login}").format(login=user),
        "form": form,
        "login": user,
        "back": back,
    }
    return TemplateResponse(request, "admin/accounts/lost.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, user: User, form: FactorResetForm) -> bool:
    try:
        verbs.ask_factor_reset(user, by=staff_of(request), reason=form.cleaned_data["reason"])
    except (verbs.CannotReset, Refused, ForbiddenMove) as refusal:
        form.add_error(None, str(refusal))
    return form.is_valid()


def is_asked(reset: FactorReset) -> bool:
    return reset.status == FactorReset.Status.ASKED


@admin.register(FactorReset)
class FactorResetAdmin(StaffAdmin):
    """Reached from the home page and from the record; who may change a login may settle its request."""

    in_menu = False
    refusals = (*StaffAdmin.refusals, verbs.CannotReset)
    buttons = ("confirm", "withdraw")
    list_display = ("user", "status", "asked_by", "asked_at")
    list_select_related = ("user", "asked_by")
    fields = readonly_fields = facts(
        FactorReset, "user", "reason", "asked_by", "asked_at", "status", "settled_by", "settled_at"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FactorReset]:
        return resets_for(request.user).order_by("-asked_at")

    def _may(self, request: HttpRequest, verb: str, row: FactorReset | None = None) -> bool:
        able = request.user.has_perm("accounts.change_access") or request.user.has_perm("accounts.change_user")
        return verb == "view" and able and (row is None or resets_for(request.user).filter(pk=row.pk).exists())

    @button(gettext_lazy("Confirm"), permission="accounts.change_access", kind="primary", when=is_asked)
    def confirm(self, request: HttpRequest, reset: FactorReset) -> str:
        verbs.confirm_factor_reset(reset, by=staff_of(request))
        return _("The second step of {login} is removed. They can add a new one.").format(login=reset.user)

    @button(gettext_lazy("Do not remove it"), permission="accounts.change_access", when=is_asked)
    def withdraw(self, request: HttpRequest, reset: FactorReset) -> str:
        verbs.withdraw_factor_reset(reset, by=staff_of(request))
        return _("The request is withdrawn; the second step stays.")
