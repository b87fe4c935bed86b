"""Sent mail: whether it arrived. What it says is between the portal and its reader."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import mail as verbs
from accounts.models import OutgoingMail
from accounts.staff import ClientOwnedAdmin, button, facts, moment, staff_of
from accounts.staff.cells import badge, person

Status = OutgoingMail.Status
TONES = {
    Status.QUEUED: "info",
    Status.SENT: "ok",
    Status.FAILED: "due",
    Status.BOUNCED: "due",
    Status.DROPPED: "muted",
}


class TroubleFilter(admin.SimpleListFilter):
    """What did not arrive."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("trouble", _("Needs you")), ("queued", _("Waiting")), ("sent", _("Sent"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "trouble": [Status.FAILED, Status.BOUNCED],
            "queued": [Status.QUEUED],
            "sent": [Status.SENT],
        }.get(self.value() or "")
        return queryset.filter(status__in=wanted) if wanted else queryset


def can_be_sent(mail: OutgoingMail) -> bool:
    """An invitation's own button makes a fresh link; its mail holds a dead one."""
    return mail.status == Status.FAILED and mail.name != "accounts/invitation"


@admin.register(OutgoingMail)
class MailAdmin(ClientOwnedAdmin):
    section, place, icon = "traces", 30, "mail"
    lead = gettext_lazy("Every e-mail of the portal, and what became of it.")
    nothing_yet = gettext_lazy("No mail here.")
    buttons = ("again",)
    actions = ("send_chosen",)
    list_display = ("addressee", "state", "written")
    list_filter = (TroubleFilter,)
    fields = readonly_fields = facts(
        OutgoingMail, "to", "subject", "status", "attempts", "error", "created_at", "sent_at"
    )

    def heading(self, row: OutgoingMail) -> str:
        return row.subject

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_outgoingmail"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The bodies stay encrypted where they are: a mail may hold a code that signs somebody in.
        return super().get_queryset(request).defer("text", "html")

    @admin.display(description=gettext_lazy("To"))
    def addressee(self, mail: OutgoingMail) -> str:
        return person(mail.to, mail.subject)

    @admin.display(description=gettext_lazy("State"))
    def state(self, mail: OutgoingMail) -> str:
        words = badge(mail.get_status_display(), TONES[Status(mail.status)])
        return format_html('{} <span class="meta">{}</span>', words, mail.error) if mail.error else words

    @admin.display(description=gettext_lazy("Written"), ordering="created_at")
    def written(self, mail: OutgoingMail) -> str:
        return moment(mail.created_at)

    @button(gettext_lazy("Send again"), permission="accounts.change_outgoingmail", kind="primary", when=can_be_sent)
    def again(self, request: HttpRequest, mail: OutgoingMail) -> str:
        verbs.send_again(mail, by=staff_of(request))
        return _("The mail is on its way again.")

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda mail: self._again(request, mail))

    def _again(self, request: HttpRequest, mail: OutgoingMail) -> str:
        self.again(request, mail)
        return _("{n} mails are on their way again.")
