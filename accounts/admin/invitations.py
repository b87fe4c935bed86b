"""Invitations: which are on their way, which need somebody."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import standing
from accounts.actions import invitations as verbs
from accounts.models import Invitation
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of
from accounts.staff.cells import areas_in_words, badge_at, day, person

Status = Invitation.Status


class StateFilter(admin.SimpleListFilter):
    """By state, the clock's included."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("trouble", _("Needs you")),
            ("waiting", _("On its way")),
            ("joined", _("Joined")),
            ("revoked", _("Revoked")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        rows: Any = queryset
        chosen = {
            "trouble": lambda: rows.in_trouble(now),
            "waiting": lambda: rows.waiting(now),
            "joined": lambda: rows.filter(status=Status.ACCEPTED),
            "revoked": lambda: rows.filter(status=Status.REVOKED),
        }.get(self.value() or "")
        return chosen() if chosen else queryset


def can_be_sent(invitation: Invitation) -> bool:
    return invitation.status != Status.ACCEPTED


def has_link(invitation: Invitation) -> bool:
    return invitation.can_be_accepted_at(timezone.now())


def can_be_revoked(invitation: Invitation) -> bool:
    return Status.REVOKED in Invitation.TRANSITIONS[Status(invitation.status)]


def send_again(invitation: Invitation, request: HttpRequest) -> verbs.Invited:
    """The same offer with a fresh link."""
    return verbs.send_invitation(
        invitation.client,
        by=staff_of(request),
        email=invitation.email,
        relationship=invitation.relationship,
        areas=invitation.areas,
    )


def told(sent: verbs.Invited) -> str:
    """What became of one invitation, in words."""
    words = {"email": sent.invitation.email, "client": sent.invitation.client}
    if sent.linked:
        return _("{email} has a login already. It can see {client} now, and was told by e-mail.").format(**words)
    return _("The invitation is on its way to {email}.").format(**words)


def told_of_many(sent: verbs.Invited) -> str:
    """The same, for `each` to put the number in."""
    return _("{n} linked to a login that exists, and told so.") if sent.linked else _("{n} invitations on their way.")


@admin.register(Invitation)
class InvitationAdmin(ClientOwnedAdmin):
    section, place, icon = "clients", 20, "mail"
    lead = gettext_lazy("Every offer to join the portal, the newest first.")
    nothing_yet = gettext_lazy("Nobody is invited yet. Open a client and press “Send invitation”.")
    refusals = (*ClientOwnedAdmin.refusals, verbs.CannotInvite)
    buttons = ("again", "link", "revoke")
    actions = ("send_chosen_again", "revoke_chosen")
    list_display = ("who", "state", "relationship", "expires")
    list_filter = (StateFilter,)
    list_select_related = ("client", "accepted_by")
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("Name, e-mail or phone")
    fields = readonly_fields = (
        *facts(Invitation, "client", "email", "relationship"),
        "rights",
        "state",
        *facts(Invitation, "sent_at", "sent_by", "opened_at", "expires_at"),
        *facts(Invitation, "accepted_at", "accepted_by", "accepted_from"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Invitations are sent from the client's record."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.add_invitation"))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_invitation"))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.matching(search_term), False

    @admin.display(description=gettext_lazy("Who"))
    def who(self, invitation: Invitation) -> str:
        return person(invitation.email, _("for {client}").format(client=invitation.client))

    @admin.display(description=gettext_lazy("State"))
    def state(self, invitation: Invitation) -> str:
        return badge_at(standing.of_invitation(invitation, timezone.now()))

    @admin.display(description=gettext_lazy("Link is good until"))
    def expires(self, invitation: Invitation) -> str:
        return day(invitation.expires_at) if invitation.status in Invitation.OPEN else "–"

    @admin.display(description=gettext_lazy("Rights"))
    def rights(self, invitation: Invitation) -> str:
        return areas_in_words(invitation.areas)

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_chosen_again(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset.select_related("client"), lambda one: told_of_many(send_again(one, request)))

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda one: self._revoke(request, one))

    @button(gettext_lazy("Send again"), permission="accounts.add_invitation", kind="primary", when=can_be_sent)
    def again(self, request: HttpRequest, invitation: Invitation) -> str:
        return told(send_again(invitation, request))

    @button(gettext_lazy("Copy link"), permission="accounts.add_invitation", when=has_link, once=False)
    def link(self, request: HttpRequest, invitation: Invitation) -> HttpResponse:
        """The very link that was mailed, for a client on the phone. Whoever holds it can join."""
        if not has_link(invitation):
            raise verbs.CannotInvite(_("This link does not work any more. Please send the invitation again."))
        self.note_view(request, invitation.client, gettext_lazy("invitation link"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Link for {email}").format(email=invitation.email),
            "invitation": invitation,
            "address": settings.PORTAL_URL + reverse("accounts:join", args=[invitation.token]),
            "row_url": self.url_of(invitation),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
        }
        return TemplateResponse(request, "admin/accounts/invitation/link.html", context)

    @button(gettext_lazy("Revoke"), permission="accounts.change_invitation", when=can_be_revoked)
    def revoke(self, request: HttpRequest, invitation: Invitation) -> str:
        verbs.revoke_invitation(invitation, by=staff_of(request))
        return _("Revoked: the link does not work any more.")

    def _revoke(self, request: HttpRequest, invitation: Invitation) -> str:
        self.revoke(request, invitation)
        return _("{n} invitations revoked.")
