"""Who was reminded of what, what became of the mails, and who wants none."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Client, OutgoingMail
from accounts.staff import ClientOwnedAdmin, button, facts, moment, staff_of, whom
from accounts.staff.cells import badge, day, person
from accounts.staff.filters import StateChips
from appointments.actions.preferences import set_reminders
from appointments.models import Appointment, Policy, Preferences, Reminder
from appointments.reminded import wants_none, with_mails
from appointments.reminding import planned

Status = OutgoingMail.Status
TONES = {
    Status.QUEUED: "info",
    Status.SENT: "ok",
    Status.FAILED: "due",
    Status.BOUNCED: "due",
    Status.DROPPED: "muted",
}
# Of several mails the worst one stands in the list.
WORST_FIRST = (Status.FAILED, Status.BOUNCED, Status.QUEUED, Status.SENT, Status.DROPPED)
IN_STATE = {
    "trouble": [Status.FAILED, Status.BOUNCED],
    "waiting": [Status.QUEUED],
    "sent": [Status.SENT],
    "dropped": [Status.DROPPED],
}


def in_hours(hours: int) -> str:
    return ngettext("{n} hour before", "{n} hours before", hours).format(n=hours)


def state_of(reminder: Reminder) -> str:
    """As a badge: what became of its mails, or that nobody wanted one."""
    known = [Status(mail.status) for mail in reminder.mails.all()]
    if not known:
        return badge(_("Nobody to tell"), "muted")
    worst = min(known, key=WORST_FIRST.index)
    return badge(worst.label, TONES[worst])


class MailFilter(StateChips):
    """By what became of the mails."""

    usual = gettext_lazy("All")
    states = (
        ("trouble", gettext_lazy("Did not arrive")),
        ("waiting", gettext_lazy("Waiting")),
        ("sent", gettext_lazy("Sent")),
        ("dropped", gettext_lazy("Not needed any more")),
        ("nobody", gettext_lazy("Nobody to tell")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        mails = Reminder.mails.through.objects.filter(reminder=OuterRef("pk"))
        if self.value() == "nobody":
            return queryset.exclude(Exists(mails))
        wanted = IN_STATE.get(self.value() or "")
        return queryset.filter(Exists(mails.filter(outgoingmail__status__in=wanted))) if wanted else queryset


@admin.register(Reminder)
class ReminderAdmin(ClientOwnedAdmin):
    section, place, icon = "appointments", 80, "mail"
    lead = gettext_lazy("Every reminder of an appointment that was written, and what became of its mails.")
    nothing_yet = gettext_lazy("No reminder here.")
    buttons = ("planned",)
    list_display = ("who", "before", "state", "written")
    list_filter = (MailFilter,)
    list_select_related = ("client",)
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The client’s name, e-mail or phone")
    fields = readonly_fields = (*facts(Reminder, "client", "starts_at"), "before", "written_at", "what_became")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It was written; nobody writes it anew."""
        return False

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.planned_page)
        return [path("<uuid:pk>/planned/", page, name="appointments_reminder_planned"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_mails(super().get_queryset(request))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(client__in=Client.objects.visible_to(request.user).matching(search_term)), False

    def heading(self, row: Reminder) -> str:
        return _("Reminder of {client}").format(client=row.client)

    def parent(self, row: Reminder) -> tuple[str, str]:
        return reverse("admin:record", args=[row.client_id]), str(row.client)

    @admin.display(description=gettext_lazy("Client"))
    def who(self, reminder: Reminder) -> str:
        return person(reminder.client.name, moment(reminder.starts_at))

    @admin.display(description=gettext_lazy("When"))
    def before(self, reminder: Reminder) -> str:
        return in_hours(reminder.hours_before)

    @admin.display(description=gettext_lazy("Mails"))
    def state(self, reminder: Reminder) -> str:
        return state_of(reminder)

    @admin.display(description=gettext_lazy("Written"))
    def written(self, reminder: Reminder) -> str:
        return day(reminder.made_at)

    @admin.display(description=gettext_lazy("Written"))
    def written_at(self, reminder: Reminder) -> str:
        return moment(reminder.made_at)

    @admin.display(description=gettext_lazy("Mails"))
    def what_became(self, reminder: Reminder) -> str:
        mails = [(each.get_status_display(), moment(each.sent_at or each.created_at)) for each in reminder.mails.all()]
        return format_html_join(", ", "{} ({})", mails) or _("Nobody to tell")

    # Of one appointment ----------------------------------------------------------------------

    @button(gettext_lazy("All of this appointment"), permission="appointments.view_reminder", once=False)
    def planned(self, request: HttpRequest, row: Reminder) -> HttpResponse:
        return redirect("admin:appointments_reminder_planned", row.appointment_id)

    def planned_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What was written of one appointment, and what is still to come."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Appointment.objects.visible_to(request.user).filter(pk=pk).select_related("client").first()
        if found is None:
            raise Http404
        self.note_view(request, found.client, self.opts.verbose_name_plural or "")
        written = list(self.get_queryset(request).filter(appointment=found).order_by("made_at", "pk"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reminders of {client}").format(client=found.client),
            "appointment": found,
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "written": [(one, in_hours(one.hours_before), state_of(one)) for one in written],
            "is_off": wants_none(found.client),
            "planned": _still_to_come(found, written),
        }
        return TemplateResponse(request, "admin/appointments/planned.html", context)


def _still_to_come(found: Appointment, written: list[Reminder]) -> list[tuple[str, Any]]:
    if not found.is_scheduled:
        return []
    sent = [one.hours_before for one in written if one.starts_at == found.starts_at]
    ahead = planned(found.starts_at, found.timed_at, Policy.current().reminder_hours, sent, timezone.now())
    return [(in_hours(hours), at) for hours, at in ahead]


class WishFilter(StateChips):
    """Who wants none; the others did once, and do again."""

    usual = gettext_lazy("Off")
    states = (("on", gettext_lazy("On")),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reminders=self.value() == "on")


@admin.register(Preferences)
class PreferencesAdmin(ClientOwnedAdmin):
    section, place, icon = "appointments", 85, "mail"
    lead = gettext_lazy("Clients are reminded of their appointments by e-mail, but for those who want none.")
    nothing_yet = gettext_lazy("Everybody is reminded.")
    add_label = gettext_lazy("Switch reminders off or on")
    list_display = ("who", "state")
    list_filter = (WishFilter,)
    list_select_related = ("client",)
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The client’s name, e-mail or phone")
    fields = ("reminders",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(client__in=Client.objects.visible_to(request.user).matching(search_term)), False

    def parent(self, row: Preferences) -> tuple[str, str]:
        return reverse("admin:record", args=[row.client_id]), str(row.client)

    @admin.display(description=gettext_lazy("Client"))
    def who(self, wishes: Preferences) -> str:
        return person(wishes.client.name)

    @admin.display(description=gettext_lazy("Reminders"))
    def state(self, wishes: Preferences) -> str:
        return badge(_("On"), "ok") if wishes.reminders else badge(_("Off"), "muted")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """First whose; somebody who said something before has a page already."""
        self.require(request, "appointments.change_preferences")
        client = whom.chosen(request).first()
        if client is None:
            return whom.choose(self, request, whom.chosen(request), many=False)
        known = self.get_queryset(request).filter(client=client).first()
        if known and request.method == "GET":
            return redirect(self.url_of(known))
        about = {"row_url": reverse("admin:record", args=[client.pk]), "row_name": str(client)}
        return super().add_view(request, form_url, {**about, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Preferences, form: Any, change: bool) -> None:
        client = obj.client if change else whom.chosen(request).get()
        obj.client, obj.pk = client, set_reminders(client, obj.reminders, by=staff_of(request)).pk
