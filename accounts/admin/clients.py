"""Clients: the list that reception lives in, a client's facts, and inviting somebody."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import standing
from accounts.actions import access as access_verbs
from accounts.actions import clients as verbs
from accounts.actions import invitations as invitation_verbs
from accounts.admin.invitations import told, told_of_many
from accounts.forms.staff import AssignForm, ClientForm, InviteForm
from accounts.models import Access, CareTeamMember, Client, Invitation, Provider
from accounts.staff import ClientOwnedAdmin, button, staff_of
from accounts.staff.cells import badge_at, person
from accounts.templatetags.ui import face


class JoinedFilter(admin.SimpleListFilter):
    """Where a client stands on the way to the portal."""

    title = gettext_lazy("Portal")
    parameter_name = "portal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("none", _("Not invited")),
            ("waiting", _("Invited")),
            ("trouble", _("Expired or not delivered")),
            ("joined", _("Joined")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        invited: Any = Invitation.objects.visible_to(request.user)
        joined = Access.objects.visible_to(request.user).filter(withdrawn_at=None).values("client")
        narrow: dict[str | None, Callable[[QuerySet[Any]], QuerySet[Any]]] = {
            "joined": lambda rows: rows.filter(pk__in=joined),
            "waiting": lambda rows: rows.filter(pk__in=invited.waiting(now).values("client")).exclude(pk__in=joined),
            "trouble": lambda rows: rows.filter(pk__in=invited.in_trouble(now).values("client")).exclude(pk__in=joined),
            "none": lambda rows: rows.exclude(pk__in=invited.values("client")).exclude(pk__in=joined),
        }
        return narrow.get(self.value(), lambda rows: rows)(queryset)


class ProviderFilter(admin.SimpleListFilter):
    """By provider on the care team."""

    title = gettext_lazy("Provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(provider.pk), provider.name) for provider in Provider.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen is None or chosen not in {key for key, _words in self.lookup_choices}:
            return queryset
        teams = CareTeamMember.objects.visible_to(request.user)
        return queryset.filter(pk__in=teams.filter(provider=int(chosen)).values("client"))


class RecordFilter(admin.SimpleListFilter):
    """Archived clients are out of the way, not gone."""

    title = gettext_lazy("Record")
    parameter_name = "record"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", _("Archived"))]

    def choices(self, changelist: Any) -> Any:
        everything, *rest = super().choices(changelist)
        return [{**everything, "display": _("Current")}, *rest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(archived_at__isnull=self.value() != "archived")


def is_archived(client: Client) -> bool:
    return client.archived_at is not None and client.erased_at is None


def is_current(client: Client) -> bool:
    return client.archived_at is None


def is_uninvited(client: Client) -> bool:
    """An invitation that is on its way has its own button, to send it again."""
    return is_current(client) and standing.of_client(client, timezone.now()).key in {"none", "revoked"}


def shown_elsewhere(client: Client) -> bool:
    """Its button stands in a form of its own."""
    return False


@admin.register(Client)
class ClientAdmin(ClientOwnedAdmin):
    section, place, icon = "clients", 10, "people"
    nothing_yet = gettext_lazy("No client matches. Try fewer words, or another filter.")
    add_label = gettext_lazy("New client")
    refusals = (*ClientOwnedAdmin.refusals, invitation_verbs.CannotInvite)
    form = ClientForm
    fields = (
        "name", "pronouns", "email", "phone", "birth_date", "address", "emergency_name", "emergency_phone",
        "emergency_relationship", "picture", "time_zone", "language", "payments_enabled",
    )  # fmt: skip
    buttons = ("send_invitation", "assign", "archive", "restore")
    actions = ("send_to_chosen",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Any part of a name, e-mail or phone")

    # The list --------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        asked = {
            "who": True,
            "portal": request.user.has_perm("accounts.view_invitation"),
            "providers": request.user.has_perm("accounts.view_careteammember"),
        }
        return [name for name, seen in asked.items() if seen]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        asked = {
            JoinedFilter: request.user.has_perm("accounts.view_invitation"),
            ProviderFilter: request.user.has_perm("accounts.view_careteammember"),
            RecordFilter: True,
        }
        return [one for one, seen in asked.items() if seen]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The field in the header is this list's search."""
        return super().changelist_view(request, {"finding": True, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        user = request.user
        team = CareTeamMember.objects.visible_to(user).select_related("provider")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("invitations", Invitation.objects.visible_to(user)),
                Prefetch("access", Access.objects.visible_to(user)),
                Prefetch("care_team", team),
            )
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.matching(search_term), False

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def who(self, client: Client) -> str:
        return face(client) + person(client.name, " · ".join(filter(None, [client.email, client.phone])))

    @admin.display(description=gettext_lazy("Portal"))
    def portal(self, client: Client) -> str:
        return badge_at(standing.of_client(client, timezone.now()))

    @admin.display(description=gettext_lazy("Provider"))
    def providers(self, client: Client) -> str:
        return ", ".join(member.provider.name for member in client.care_team.all()) or "–"

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.add_invitation"))

    @admin.action(description=gettext_lazy("Send invitation"), permissions=["invite"])
    def send_to_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(
            request,
            queryset,
            lambda client: told_of_many(invitation_verbs.send_invitation(client, by=staff_of(request))),
        )

    # A record --------------------------------------------------------------------------------

    def is_here(self, path: str) -> bool:
        return super().is_here(path) or path.startswith(f"{reverse('admin:index')}client/")

    def url_of(self, row: Client) -> str:
        """A client is opened as a record; the form is one button further."""
        return reverse("admin:record", args=[row.pk])

    def heading(self, row: Client) -> str:
        return _("Edit {client}").format(client=row)

    def parent(self, row: Client) -> tuple[str, str]:
        return self.url_of(row), str(row)

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> tuple[str, ...]:
        """Whoever may assign says at once who treats a new client."""
        asks = obj is None and request.user.has_perm("accounts.add_careteammember")
        return (*self.fields, "provider") if asks else self.fields

    def opened(self, request: HttpRequest, row: Client) -> None:
        if request.method == "GET":
            self.note_view(request, row, gettext_lazy("details"))

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        revoked = verbs.save_client(obj, by=staff_of(request), provider=form.cleaned_data["provider"])
        if revoked:
            messages.warning(
                request,
                ngettext(
                    "The address changed: {n} invitation to the old one does not work any more. Please send a new one.",
                    "The address changed: {n} invitations to the old one do not work any more. Please send a new one.",
                    revoked,
                ).format(n=revoked),
            )

    def get_urls(self) -> list[Any]:
        invite = path(
            "<path:object_id>/invite/", self.admin_site.admin_view(self.invite), name="accounts_client_invite"
        )
        return [invite, *super().get_urls()]

    def invite(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Invite somebody: the client, or whoever cares for them."""
        client = self.fetch(request, object_id)
        self.require(request, "accounts.add_invitation", client)
        joined = client.access.filter(withdrawn_at=None).exists()
        initial = {"email": "" if joined else client.email, "relationship": "guardian" if joined else "self"}
        form = InviteForm(request.POST or None, initial=initial)
        if form.is_valid() and (sent := self._invite(request, client, form)):
            messages.success(request, told(sent))
            return redirect(self.url_of(client))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invite somebody for {client}").format(client=client),
            "form": form,
            "client": client,
            "row_url": self.url_of(client),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
        }
        return TemplateResponse(
            request, "admin/accounts/client/invite.html", context, status=422 if form.errors else 200
        )

    def _invite(self, request: HttpRequest, client: Client, form: InviteForm) -> invitation_verbs.Invited | None:
        try:
            return invitation_verbs.send_invitation(client, by=staff_of(request), **form.cleaned_data)
        except self.refusals as refusal:
            form.add_error("email", str(refusal))
            return None

    @button(gettext_lazy("Send invitation"), permission="accounts.add_invitation", kind="primary", when=is_uninvited)
    def send_invitation(self, request: HttpRequest, client: Client) -> str:
        return told(invitation_verbs.send_invitation(client, by=staff_of(request)))

    @button(gettext_lazy("Add"), permission="accounts.add_careteammember", when=shown_elsewhere)
    def assign(self, request: HttpRequest, client: Client) -> str:
        form = AssignForm(client, request.POST)
        if not form.is_valid():
            raise invitation_verbs.CannotInvite(_("Please choose a provider from the list."))
        member = access_verbs.assign(client, form.cleaned_data["provider"], by=staff_of(request))
        return _("{provider} is on the care team.").format(provider=member.provider)

    @button(gettext_lazy("Archive"), permission="accounts.change_client", when=is_current)
    def archive(self, request: HttpRequest, client: Client) -> str:
        verbs.archive_client(client, by=staff_of(request))
        return _("Archived. Nothing is deleted; logins do not see this client any more.")

    @button(gettext_lazy("Take out of the archive"), permission="accounts.change_client", when=is_archived)
    def restore(self, request: HttpRequest, client: Client) -> str:
        verbs.restore_client(client, by=staff_of(request))
        return _("{client} is a current client again.").format(client=client)
