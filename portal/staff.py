"""The staff's first page and a client's record, each put together from blocks of all storeys."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from accounts import standing
from accounts.cards import home, record
from accounts.models import Client
from accounts.staff import StaffSite
from appointments.cards import chosen as chosen_for_appointments
from appointments.cards import home as home_of_appointments
from appointments.cards import record as record_of_appointments
from billing.cards import record as record_of_billing
from forms_app.cards import chosen as chosen_for_forms
from forms_app.cards import home as home_of_forms
from forms_app.cards import record as record_of_forms
from forms_app.cards import trend as trend_of_forms
from portal import reviews
from portal.erase_pages import ErasePages
from portal.opening import client_of, note_view
from portal.review_pages import ReviewPages
from portal.views import cards_for
from uploads.cards import chosen as chosen_for_files
from uploads.cards import home as home_of_files
from uploads.cards import record as record_of_files

# A block says what its template shows to this person; None leaves it out.
HomeBlock = Callable[[HttpRequest], dict[str, Any] | None]
RecordBlock = Callable[[HttpRequest, Client], dict[str, Any] | None]

# The order on screen is the order here: the wide column, then the one beside it.
HOME: tuple[tuple[tuple[str, HomeBlock], ...], ...] = (
    (
        ("admin/home/beginning.html", home.beginning),
        ("admin/home/alerts.html", home_of_forms.alerts),
        ("admin/home/lost_factors.html", home.lost_factors),
        ("admin/home/today.html", home_of_appointments.today),
        ("admin/home/requests.html", home_of_appointments.requests),
        ("admin/home/reviews.html", reviews.home),
        ("admin/home/forms.html", home_of_forms.submitted),
        ("admin/home/waiting_files.html", home_of_files.waiting),
        ("admin/home/files.html", home_of_files.received),
        ("admin/home/invitations.html", home.invitations),
        ("admin/home/mails.html", home.mails),
    ),
    (
        ("admin/home/second_steps.html", home.second_steps),
        ("admin/home/lately.html", home.lately),
    ),
)
RECORD: tuple[tuple[tuple[str, RecordBlock], ...], ...] = (
    (
        ("admin/record/reviews.html", reviews.record),
        ("admin/record/appointments.html", record_of_appointments.appointments),
        ("admin/record/forms.html", record_of_forms.forms),
        ("admin/record/trend.html", trend_of_forms.trend),
        ("admin/record/files.html", record_of_files.files),
        ("admin/record/insurance.html", record_of_billing.insurance),
        ("admin/record/invitations.html", record.invitations),
        ("admin/record/access.html", record.access),
        ("admin/record/changes.html", record.changes),
    ),
    (
        ("admin/record/details.html", record.details),
        ("admin/record/care_team.html", record.care_team),
        ("admin/record/sign_ins.html", record.sign_ins),
        ("admin/record/looks.html", record.looks),
    ),
)
# Of somebody who was erased there is only what happened, and who looked.
ERASED: tuple[tuple[tuple[str, RecordBlock], ...], ...] = (
    (("admin/record/changes.html", record.changes),),
    (("admin/record/looks.html", record.looks),),
)
# What each storey can do with the rows chosen in a list of another: by the list's model, the right and the verb.
CHOSEN = {
    "accounts.Client": (
        ("appointments.add_booking", chosen_for_appointments.book_together),
        ("forms_app.add_assignment", chosen_for_forms.assign_forms),
        ("uploads.add_uploadrequest", chosen_for_files.ask_for_files),
    )
}


def _filled(columns: Any, *asked: Any) -> list[list[dict[str, Any]]]:
    """The columns with what each block has to say; those with nothing for this person are left out."""
    made = [[{"template": template, "block": make(*asked)} for template, make in column] for column in columns]
    kept = [[entry for entry in column if entry["block"] is not None] for column in made]
    return [column for column in kept if column]


class PracticeSite(ReviewPages, ErasePages, StaffSite):
    """The back office with what the roof adds to it: its home, a client's record, a client's view."""

    chosen_verbs = CHOSEN

    def get_urls(self) -> list[Any]:
        own = [
            path("client/<uuid:pk>/", self.admin_view(self.record), name="record"),
            path("client/<uuid:pk>/as-client/", self.admin_view(self.as_client), name="as_client"),
        ]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {**self.each_context(request), "title": gettext("Home"), "columns": _filled(HOME, request)}
        return TemplateResponse(request, "admin/index.html", context)

    def record(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Everything about one client on one page; opening it leaves a trace."""
        client = client_of(request, pk)
        note_view(request, client, gettext_lazy("record"))
        page: Any = self._registry[Client]
        context = {
            **self.each_context(request),
            "title": client.name,
            "client": client,
            "standing": _standing(request, client),
            "presses": page.presses(request, client),
            "may_change": page.has_change_permission(request, client),
            "may_view_as": client.erased_at is None and request.user.has_perm("accounts.view_as_client", client),
            "may_erase": request.user.has_perm("accounts.erase_client", client),
            "may_invite": request.user.has_perm("accounts.add_invitation", client),
            "columns": _filled(ERASED if client.erased_at else RECORD, request, client),
        }
        return TemplateResponse(request, "admin/record.html", context)

    def as_client(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The client's own dashboard, to look at and not to touch."""
        client = client_of(request, pk)
        if not request.user.has_perm("accounts.view_as_client", client):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        note_view(request, client, gettext_lazy("viewed as this client"))
        context = {**self.each_context(request), "client": client, "cards": cards_for(request, [client])}
        return TemplateResponse(request, "admin/as_client.html", context)


def _standing(request: HttpRequest, client: Client) -> standing.Standing | None:
    """Where the client stands, for whoever may see invitations."""
    if client.erased_at or not request.user.has_perm("accounts.view_invitation", client):
        return None
    return standing.of_client(client, timezone.now())
