"""Appointments client by client: the list, what became of each, and its history."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client, Provider
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of
from accounts.staff.cells import badge, person
from accounts.staff.filters import StateChips
from appointments.actions import appointments as verbs
from appointments.admin.cells import moments, state_of
from appointments.models import Appointment, Step

Status = Appointment.Status
ORDERS: dict[str, tuple[str, ...]] = {
    "ahead": ("starts_at", "pk"),
    "unmarked": ("starts_at", "pk"),
    "past": ("-starts_at", "-pk"),
    "missed": ("-starts_at", "-pk"),
    "cancelled": ("-starts_at", "-pk"),
    "all": ("-starts_at", "-pk"),
}


def state_asked(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in ORDERS else "ahead"


class StateFilter(StateChips):
    """By state; without a choice, what is still to come."""

    usual = gettext_lazy("To come")
    states = (
        ("unmarked", gettext_lazy("To be marked")),
        ("past", gettext_lazy("Past")),
        ("missed", gettext_lazy("Missed")),
        ("cancelled", gettext_lazy("Cancelled")),
        ("all", gettext_lazy("All")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, asked = timezone.now(), state_asked(request)
        narrowed = {
            "ahead": Q(status=Status.SCHEDULED, ends_at__gt=now),
            "unmarked": Q(status=Status.SCHEDULED, ends_at__lte=now),
            "past": Q(ends_at__lte=now) & ~Q(status__in=Appointment.CANCELLED),
            "missed": Q(status=Status.NO_SHOW),
            "cancelled": Q(status__in=Appointment.CANCELLED),
        }
        return queryset.filter(narrowed[asked]) if asked in narrowed else queryset


class ProviderFilter(admin.SimpleListFilter):
    """By provider."""

    title = gettext_lazy("Provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not request.user.has_perm("accounts.view_provider"):
            return []
        # Of what this reader may see: with whom others are booked is nothing of theirs.
        booked = Appointment.objects.visible_to(request.user).values("booking__provider")
        return [(str(one.pk), str(one)) for one in Provider.objects.filter(pk__in=booked).order_by("name", "pk")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(booking__provider=int(value)) if value.isdecimal() else queryset


def marks_for(row: Appointment, now: datetime) -> list[tuple[str, str, str]]:
    """What a client's place can be marked as now: the button's word, its words, and how it looks."""
    known = [
        ("completed", _("Took place"), "primary" if row.is_scheduled else "quiet", is_begun),
        ("no_show", _("Missed"), "quiet", is_begun),
        ("late_cancelled", _("Cancelled late"), "quiet", lambda row, now: True),
    ]
    allowed = Appointment.TRANSITIONS[Status(row.status)]
    return [(word, words, kind) for word, words, kind, may in known if Status(word) in allowed and may(row, now)]


def is_begun(row: Appointment, now: datetime) -> bool:
    return row.starts_at <= now


def can_be(status: Status) -> Any:
    def when(row: Appointment) -> bool:
        return status in {word for word, _words, _kind in marks_for(row, timezone.now())}

    return when


@admin.register(Appointment)
class AppointmentAdmin(ClientOwnedAdmin):
    section, place, icon = "appointments", 20, "person"
    lead = gettext_lazy("Each client’s appointments, and what became of them.")
    nothing_yet = gettext_lazy("Nothing is booked here. Book in the calendar, and it appears.")
    refusals = (*ClientOwnedAdmin.refusals,)
    buttons = ("completed", "no_show", "late_cancelled")
    actions = ("complete_chosen", "miss_chosen")
    list_display = ("what", "when", "state")
    list_filter = (StateFilter, ProviderFilter)
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The client’s name, e-mail or phone, or the service")

    def menu_name(self) -> str:
        return _("Appointments")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Time is booked, in the calendar."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It has verbs; nothing of it is typed over."""
        return False

    def has_mark_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("appointments.change_appointment"))

    def heading(self, row: Appointment) -> str:
        return str(row.client)

    # The list --------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("client", "booking__service", "booking__provider", "ended_by")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ORDERS[state_asked(request)]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        named = Q(client__in=clients) | Q(booking__service__name__icontains=search_term)
        return queryset.filter(named), False

    @admin.display(description=gettext_lazy("Who"))
    def what(self, row: Appointment) -> str:
        return person(row.client, f"{row.booking.service} · {row.booking.provider}")

    @admin.display(description=gettext_lazy("When"))
    def when(self, row: Appointment) -> str:
        return moments(row.starts_at, row.ends_at)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Appointment) -> SafeString:
        stands = state_of(row, timezone.now())
        return badge(stands.words, stands.tone)

    @admin.action(description=gettext_lazy("Took place"), permissions=["mark"])
    def complete_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda row: self._marked(request, row, Status.COMPLETED))

    @admin.action(description=gettext_lazy("Missed"), permissions=["mark"])
    def miss_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda row: self._marked(request, row, Status.NO_SHOW))

    def _marked(self, request: HttpRequest, row: Appointment, status: Status) -> str:
        verbs.mark(row, status, by=staff_of(request))
        return _("{n} marked.")

    # One -------------------------------------------------------------------------------------

    readonly_fields = (
        "when",
        "state",
        "of_booking",
        *facts(Appointment, "cancelled_by", "reason", "ended_by", "ended_at", "created_at"),
    )

    @admin.display(description=gettext_lazy("What"))
    def of_booking(self, row: Appointment) -> str:
        return format_html("{}, {}", row.booking.service, row.booking.provider)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Without what is empty. Why it was cancelled is for whoever keeps the calendar, not for whoever bills it."""
        left_out = {name for name in ("cancelled_by", "reason", "ended_by", "ended_at") if not getattr(obj, name)}
        if not may_read(request):
            left_out.add("reason")
        return [one for one in self.readonly_fields if getattr(one, "__name__", one) not in left_out]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row: Any = context.get("original")
        if row and may_read(request):
            steps = Step.objects.visible_to(request.user).filter(appointment=row).select_related("by")
            context["steps"] = steps.order_by("at", "pk")
        page = super().render_change_form(request, context, *args, **kwargs)
        if not may_read(request):
            page.context_data["history_url"] = ""
        return page

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """It tells why it was cancelled, too."""
        self.fetch(request, object_id)
        self.require(request, "appointments.view_step")
        return super().history_view(request, object_id, extra_context)

    @button(gettext_lazy("Took place"), permission="appointments.change_appointment", when=can_be(Status.COMPLETED))
    def completed(self, request: HttpRequest, row: Appointment) -> str:
        return self._mark(request, row, Status.COMPLETED)

    @button(gettext_lazy("Missed"), permission="appointments.change_appointment", when=can_be(Status.NO_SHOW))
    def no_show(self, request: HttpRequest, row: Appointment) -> str:
        return self._mark(request, row, Status.NO_SHOW)

    @button(
        gettext_lazy("Cancelled late"), permission="appointments.change_appointment", when=can_be(Status.LATE_CANCELLED)
    )
    def late_cancelled(self, request: HttpRequest, row: Appointment) -> str:
        return self._mark(request, row, Status.LATE_CANCELLED)

    def _mark(self, request: HttpRequest, row: Appointment, status: Status) -> str:
        marked = verbs.mark(row, status, by=staff_of(request))
        return _("{client}: {state}.").format(client=row.client, state=marked.get_status_display())


def may_read(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("appointments.view_step"))
