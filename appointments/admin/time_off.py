"""When providers, or the whole practice, see nobody; and what is booked then all the same."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Provider
from accounts.staff import StaffAdmin, button, facts, staff_of
from accounts.staff.cells import person
from accounts.staff.facts import moment
from accounts.staff.filters import StateChips
from appointments import agenda
from appointments.actions import schedules as verbs
from appointments.admin.cells import day_and_span, names_of
from appointments.forms.time_off import TimeOffForm, zone_of
from appointments.keeping import booked_in, may_keep
from appointments.models import TimeOff


class WhenFilter(StateChips):
    """Without a choice, what is not over yet."""

    usual = gettext_lazy("Now and ahead")
    states = (("past", gettext_lazy("Over")), ("all", gettext_lazy("All")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        now = timezone.now()
        return queryset.filter(ends_at__lte=now) if self.value() == "past" else queryset.filter(ends_at__gt=now)


class ProviderFilter(admin.SimpleListFilter):
    """One provider's, with what is everybody's."""

    title = gettext_lazy("Provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), one.name) for one in Provider.objects.filter(is_active=True).order_by("name", "pk")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return queryset.filter(Q(provider=None) | Q(provider=chosen)) if chosen.isdecimal() else queryset


@admin.register(TimeOff)
class TimeOffAdmin(StaffAdmin):
    section, place, icon = "appointments", 60, "leave"
    lead = gettext_lazy("When somebody, or everybody, sees no clients. What is booked then stays until you move it.")
    nothing_yet = gettext_lazy("Nothing entered. Holidays and days on which the practice is closed stand here.")
    add_label = gettext_lazy("New time off")
    form = TimeOffForm
    change_form_template = "admin/appointments/timeoff/change_form.html"
    refusals = (*StaffAdmin.refusals, verbs.CannotKeep)
    buttons = ("remove",)
    fields = ("provider", "first_day", "starts", "last_day", "ends", "reason")
    list_display = ("whose", "since", "until", "why")
    list_filter = (WhenFilter, ProviderFilter)
    list_select_related = ("provider",)
    ordering = ("starts_at", "pk")

    def menu_name(self) -> str:
        return _("Time off")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and (obj is None or may_keep(request.user, obj.provider))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return facts(TimeOff, "provider", "starts_at", "ends_at", "reason", "created_by")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None or self.has_change_permission(request, obj) else self.get_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def heading(self, row: TimeOff) -> str:
        return _("Time off: {who}").format(who=row)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = context.get("original")
        context["zone"] = zone_of(row.provider) if row else ""
        context["booked"] = [_line(entry, context["zone"]) for entry in booked_in(row, request.user)] if row else []
        return super().render_change_form(request, context, *args, **kwargs)

    def presses(self, request: HttpRequest, row: TimeOff) -> list[dict[str, Any]]:
        return super().presses(request, row) if self.has_change_permission(request, row) else []

    def save_model(self, request: HttpRequest, obj: TimeOff, form: Any, change: bool) -> None:
        verbs.save_time_off(obj, by=staff_of(request))
        count = len(booked_in(obj, request.user))
        if count:
            words = ngettext(
                "{n} appointment is booked in this time. It stays booked: please move it.",
                "{n} appointments are booked in this time. They stay booked: please move them.",
                count,
            )
            messages.warning(request, words.format(n=count))

    @button(gettext_lazy("Remove"), permission="appointments.change_timeoff", kind="danger")
    def remove(self, request: HttpRequest, row: TimeOff) -> HttpResponse:
        verbs.remove_time_off(row, by=staff_of(request))
        messages.success(request, _("Removed. The time can be booked again."))
        return redirect(self.list_url())

    @admin.display(description=gettext_lazy("Who"))
    def whose(self, off: TimeOff) -> str:
        return person(off)

    @admin.display(description=gettext_lazy("From"), ordering="starts_at")
    def since(self, off: TimeOff) -> str:
        return moment(off.starts_at)

    @admin.display(description=gettext_lazy("To"), ordering="ends_at")
    def until(self, off: TimeOff) -> str:
        return moment(off.ends_at)

    @admin.display(description=gettext_lazy("Reason"))
    def why(self, off: TimeOff) -> str:
        return off.reason or "–"


def _line(entry: agenda.Entry, zone: str) -> dict[str, str]:
    """A booking that lies in a time off; whose it is, as far as one may see it."""
    booking = entry.booking
    return {
        "when": day_and_span(booking.starts_at, booking.ends_at, zone),
        "who": names_of(entry.seen) or _("Busy"),
        "provider": str(booking.provider),
        "url": reverse("admin:appointments_booking_change", args=[booking.pk]) if entry.seen else "",
    }
