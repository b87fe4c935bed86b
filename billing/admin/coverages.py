"""Insurances: who is insured where, kept by staff beside what clients propose."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.ownership import Area
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of
from accounts.staff.cells import badge, person
from billing.actions import coverages as verbs
from billing.forms.coverage import FactsForm
from billing.models import Coverage, CoverageChange
from billing.policies import SIDES, WORDS, picture_keys, policies
from uploads.actions import files
from uploads.models import Upload

Status = Coverage.Status
TONES = {Status.DRAFT: "due", Status.ACTIVE: "ok", Status.CANCELLED: "muted", Status.ENTERED_IN_ERROR: "muted"}
# The fields by what they are about, as on the client's form.
POLICY, HOLDER, TIME = WORDS[:5], WORDS[5:8], WORDS[8:]


class StateFilter(admin.SimpleListFilter):
    """Whether it is valid, or somebody has to look at it."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", _("Waiting")), ("active", _("Valid")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        open_changes = CoverageChange.objects.visible_to(request.user).filter(coverage=OuterRef("pk"))
        waiting = Q(status=Status.DRAFT) | Q(Exists(open_changes.filter(status=CoverageChange.Status.PROPOSED)))
        narrow = {"waiting": waiting, "active": Q(status=Status.ACTIVE), "ended": Q(status=Status.CANCELLED)}
        return queryset.filter(narrow.get(self.value() or "", Q()))


class OrderFilter(admin.SimpleListFilter):
    """Which one pays first."""

    title = gettext_lazy("Pays first")
    parameter_name = "pays"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Coverage.Order.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        known = {str(value) for value in Coverage.Order.values}
        return queryset.filter(order=int(chosen)) if chosen in known else queryset


def is_valid(coverage: Coverage) -> bool:
    return coverage.status == Status.ACTIVE


def has_ended(coverage: Coverage) -> bool:
    return coverage.status == Status.CANCELLED


@admin.register(Coverage)
class CoverageAdmin(ClientOwnedAdmin):
    section, place, icon = "billing", 10, "form"
    lead = gettext_lazy("Who is insured where. What clients propose is decided field by field.")
    nothing_yet = gettext_lazy("No insurance matches. Try fewer words, or another filter.")
    add_label = gettext_lazy("New insurance")
    form = FactsForm
    list_display = ("who", "policy", "number", "state", "pays")
    list_filter = (StateFilter, OrderFilter)
    list_select_related = ("client",)
    search_fields = ("payor",)
    search_help_text = gettext_lazy("The client, the insurance company or the member number")
    buttons = ("end", "reopen")
    readonly_fields = facts(Coverage, "client", "status", "ended_at")
    change_form_template = "admin/billing/coverage/change_form.html"

    # The list --------------------------------------------------------------------------------

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        words = Q(payor__icontains=search_term) | Q(subscriber_id__icontains=search_term)
        return queryset.filter(words | Q(client__in=clients)), False

    @admin.display(description=gettext_lazy("Client"), ordering="client__name")
    def who(self, coverage: Coverage) -> str:
        return person(coverage.client.name)

    @admin.display(description=gettext_lazy("Insurance"), ordering="payor")
    def policy(self, coverage: Coverage) -> str:
        return str(coverage)

    @admin.display(description=gettext_lazy("Member number"))
    def number(self, coverage: Coverage) -> str:
        return coverage.subscriber_id or "–"

    @admin.display(description=gettext_lazy("State"))
    def state(self, coverage: Coverage) -> str:
        return badge(coverage.get_status_display(), TONES[Status(coverage.status)])

    @admin.display(description=gettext_lazy("Pays first"))
    def pays(self, coverage: Coverage) -> str:
        return str(coverage.get_order_display())

    # One insurance ---------------------------------------------------------------------------

    def heading(self, row: Coverage) -> str:
        return str(row)

    def parent(self, row: Coverage) -> tuple[str, str]:
        return reverse("admin:record", args=[row.client_id]), str(row.client)

    def get_fieldsets(self, request: HttpRequest, obj: Coverage | None = None) -> Any:
        """A picture is added by whoever may take files in; the others see those that are there."""
        about = [(None, {"fields": ("client",) if obj is None else self.readonly_fields})]
        facts_of = [(_("The policy"), POLICY), (_("The holder"), HOLDER), (_("How long it is valid"), TIME)]
        card = [(_("The insurance card"), SIDES)] if self._may_send(request, obj) else []
        return [*about, *((name, {"fields": fields}) for name, fields in (*facts_of, *card))]

    def get_readonly_fields(self, request: HttpRequest, obj: Coverage | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def _may_send(self, request: HttpRequest, obj: Coverage | None) -> bool:
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return may_write and request.user.has_perm("uploads.add_upload")

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """An insurance is added from a client's record, so there is no choosing among thousands."""
        rows = super().get_field_queryset(db, db_field, request)
        if db_field.name != "client" or rows is None:
            return rows
        return rows.filter(pk__in=_keys(request, "client"), archived_at=None)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if self.has_add_permission(request) and not _keys(request, "client"):
            messages.info(request, _("Please open the client’s record, and add the insurance there."))
            return redirect("admin:accounts_client_changelist")
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Coverage, form: Any, change: bool) -> None:
        by = staff_of(request)
        for side in SIDES if self._may_send(request, obj if change else None) else ():
            if file := form.chosen(side).file:
                got = files.receive(file, client=obj.client, by=by, area=Area.PROFILE)
                setattr(obj, side, got.upload or getattr(obj, side))
        verbs.save_coverage(obj, by=by)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if row := context.get("original"):
            said = list(CoverageChange.objects.visible_to(request.user).filter(coverage=row))
            pictures = Upload.objects.visible_to(request.user).filter(pk__in=picture_keys([row], said))
            [context["policy"]] = policies([row], said, pictures)
            context["may_decide"] = request.user.has_perm("billing.change_coveragechange", row)
        return super().render_change_form(request, context, *args, **kwargs)

    @button(gettext_lazy("End"), permission="billing.change_coverage", when=is_valid)
    def end(self, request: HttpRequest, coverage: Coverage) -> str:
        verbs.end_coverage(coverage, by=staff_of(request))
        return _("Ended. It stays among the earlier ones.")

    @button(gettext_lazy("It is valid again"), permission="billing.change_coverage", when=has_ended)
    def reopen(self, request: HttpRequest, coverage: Coverage) -> str:
        verbs.reopen_coverage(coverage, by=staff_of(request))
        return _("Valid again. Please check who pays first.")


def _keys(request: HttpRequest, name: str) -> list[UUID]:
    """The client whom the address or the form names, if it can be one at all."""
    try:
        return [UUID(request.POST.get(name) or request.GET.get(name) or "")]
    except ValueError:
        return []
