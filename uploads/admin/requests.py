"""What was asked for: the queue of what came, and asking."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Client
from accounts.ownership import Area
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of, whom
from accounts.staff.buttons import is_second_press
from accounts.staff.cells import badge_at, person
from accounts.staff.filters import StateChips
from uploads import standing
from uploads.actions import requests as verbs
from uploads.admin.cells import day_in_words, filled, whole_day
from uploads.forms.staff import AgainForm, AskForm
from uploads.models import Upload, UploadRequest

Status = UploadRequest.Status
# By age, whatever has waited longest first; what is settled the other way round.
ORDERS: dict[str, tuple[Any, ...]] = {
    "received": ("received_at", "pk"),
    "asked": (F("due_on").asc(nulls_last=True), "asked_at", "pk"),
    "overdue": ("due_on", "asked_at", "pk"),
    "send_again": ("decided_at", "pk"),
    "accepted": ("-decided_at", "pk"),
    "cancelled": ("-decided_at", "pk"),
    "all": ("-asked_at", "pk"),
}


class StateFilter(StateChips):
    """By state; without a choice, what came and waits for somebody to look at it."""

    usual = gettext_lazy("Received")
    states = (
        ("asked", gettext_lazy("Asked for")),
        ("overdue", gettext_lazy("Overdue")),
        ("send_again", gettext_lazy("To be sent again")),
        ("accepted", gettext_lazy("Accepted")),
        ("cancelled", gettext_lazy("Cancelled")),
        ("all", gettext_lazy("All")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        state = state_of(request)
        if state == "overdue":
            return rows.overdue(timezone.localdate())
        return rows if state == "all" else rows.filter(status=state)


def state_of(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in ORDERS else "received"


def can_be_accepted(row: UploadRequest) -> bool:
    return row.status == Status.RECEIVED


def can_be_cancelled(row: UploadRequest) -> bool:
    return Status.CANCELLED in UploadRequest.TRANSITIONS[Status(row.status)]


def shown_elsewhere(row: UploadRequest) -> bool:
    """Its button stands in a form of its own."""
    return False


@admin.register(UploadRequest)
class UploadRequestAdmin(ClientOwnedAdmin):
    section, place, icon = "files", 10, "upload"
    lead = gettext_lazy("What you asked clients for. What came waits here until somebody says whether it will do.")
    nothing_yet = gettext_lazy("Nothing waits for you. What clients send for a request appears here.")
    add_label = gettext_lazy("Ask for files")
    refusals = (*ClientOwnedAdmin.refusals, verbs.CannotAsk)
    buttons = ("accept", "again", "cancel")
    actions = ("accept_chosen", "cancel_chosen")
    list_display = ("what", "state", "files", "due")
    list_filter = (StateFilter,)
    list_select_related = ("client",)
    search_fields = ("title",)
    search_help_text = gettext_lazy("Title, or the client’s name, e-mail or phone")
    readonly_fields = (
        *facts(UploadRequest, "instructions"),
        "due",
        "reminders",
        *facts(UploadRequest, "reason", "asked_by", "asked_at", "received_at", "decided_by", "decided_at"),
    )

    def menu_name(self) -> str:
        return _("File requests")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked stays as it was asked."""
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("uploads.change_uploadrequest"))

    # The queue -------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        kept = Q(uploads__withdrawn_at=None, uploads__isnull=False)
        return super().get_queryset(request).annotate(file_count=Count("uploads", filter=kept))

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return ORDERS[state_of(request)]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        return queryset.filter(Q(title__icontains=search_term) | Q(client__in=clients)), False

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: UploadRequest) -> str:
        return person(row.title, row.client)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: UploadRequest) -> str:
        return badge_at(standing.of_request(row, timezone.localdate()))

    @admin.display(description=gettext_lazy("Files"))
    def files(self, row: Any) -> str:
        return str(row.file_count or "–")

    @admin.display(description=gettext_lazy("Due"))
    def due(self, row: UploadRequest) -> str:
        return whole_day(row.due_on)

    @admin.display(description=gettext_lazy("Reminders"))
    def reminders(self, row: UploadRequest) -> str:
        sent = [at for at in (row.reminded_before_at, row.reminded_after_at) if at]
        if sent:
            return _("Reminded on {days}").format(days=", ".join(map(day_in_words, sent)))
        return _("None sent yet") if row.due_on else _("None: it has no day")

    @admin.action(description=gettext_lazy("Accept"), permissions=["decide"])
    def accept_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda row: self._accepted(request, row))

    @admin.action(description=gettext_lazy("Cancel"), permissions=["decide"])
    def cancel_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda row: self._cancelled(request, row))

    def _accepted(self, request: HttpRequest, row: UploadRequest) -> str:
        verbs.accept(row, by=staff_of(request))
        return _("{n} accepted. The clients were told.")

    def _cancelled(self, request: HttpRequest, row: UploadRequest) -> str:
        verbs.cancel(row, by=staff_of(request))
        return _("{n} cancelled.")

    # One request -----------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return filled(self, obj, self.readonly_fields)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if row := context.get("original"):
            context |= self._around(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def _around(self, request: HttpRequest, row: UploadRequest) -> dict[str, Any]:
        """What stands around the facts: the files that came, and the form to ask again."""
        may_decide = request.user.has_perm("uploads.change_uploadrequest", row)
        client = Client.objects.visible_to(request.user).filter(pk=row.client_id)
        return {
            "standing": standing.of_request(row, timezone.localdate()),
            "files": files_of(request, row),
            "again": AgainForm() if may_decide and row.status == Status.RECEIVED else None,
            "again_url": self._reverse("do", row, "again"),
            "unanswerable": row.takes_files and bool(whom.without_login(request, client, Area.FILES)),
        }

    @button(gettext_lazy("Accept"), permission="uploads.change_uploadrequest", kind="primary", when=can_be_accepted)
    def accept(self, request: HttpRequest, row: UploadRequest) -> str:
        verbs.accept(row, by=staff_of(request))
        return _("Accepted. {client} was told.").format(client=row.client)

    @button(gettext_lazy("Ask again"), permission="uploads.change_uploadrequest", when=shown_elsewhere)
    def again(self, request: HttpRequest, row: UploadRequest) -> str:
        form = AgainForm(request.POST)
        verbs.send_again(row, by=staff_of(request), reason=form["reason"].value() or "")
        return _("{client} reads why, and is asked to send it again.").format(client=row.client)

    @button(gettext_lazy("Not needed any more"), permission="uploads.change_uploadrequest", when=can_be_cancelled)
    def cancel(self, request: HttpRequest, row: UploadRequest) -> str:
        verbs.cancel(row, by=staff_of(request))
        return _("Cancelled. What was sent for it stays.")

    def do(self, request: HttpRequest, object_id: str, word: str) -> HttpResponse:
        """A reason that is missing or too long is told beside its field, with what was typed still in it."""
        if word == "again" and request.method == "POST":
            row, form = self.fetch(request, object_id), AgainForm(request.POST)
            self.require(request, "uploads.change_uploadrequest", row)
            if can_be_accepted(row) and not form.is_valid():
                return self._again_page(request, row, form)
        return super().do(request, object_id, word)

    def _again_page(self, request: HttpRequest, row: UploadRequest, form: AgainForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Ask again"),
            "form": form,
            "row": row,
            "row_url": self.url_of(row),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
        }
        return TemplateResponse(request, "admin/uploads/uploadrequest/again.html", context, status=422)

    # Asking ----------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First whom, unless the address names them; then what."""
        self.require(request, "uploads.add_uploadrequest")
        clients = whom.chosen(request)
        if whom.is_asked_for(request) or (request.method == "GET" and not clients):
            return whom.choose(self, request, clients, many=True)
        form = AskForm(clients, whom.without_login(request, clients, Area.FILES), request.POST or None)
        if request.method == "POST" and form.is_valid() and (done := self._ask(request, form)):
            return done
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.add_label),
            "form": form,
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "way_back": self._after(clients),
            "choose_url": f"{self._reverse('add')}?find=1&{whom.query(clients)}",
        }
        return TemplateResponse(request, "admin/uploads/uploadrequest/ask.html", context)

    def _ask(self, request: HttpRequest, form: AskForm) -> HttpResponse | None:
        clients, wanted = form.cleaned_data["clients"], form.wanted()
        if not is_second_press(request):
            try:
                due_on = form.cleaned_data["due_on"]
                verbs.ask_pack(clients=clients, by=staff_of(request), templates=wanted, due_on=due_on)
            except self.refusals as refusal:
                form.add_error(None, str(refusal))
                return None
            self._tell_asked(request, clients, len(wanted), form)
        return redirect(self._after(clients))

    def _tell_asked(self, request: HttpRequest, clients: Any, files: int, form: AskForm) -> None:
        what = ngettext("{n} file", "{n} files", files).format(n=files)
        names = ", ".join(client.name for client in clients[: whom.SHOWN])
        messages.success(request, _("Asked for {what}: {clients}.").format(what=what, clients=names))
        if silent := [client.name for client in clients if client.pk in form.without_login]:
            words = _("Nobody can answer yet for {clients}: not joined. The request waits for them.")
            messages.warning(request, words.format(clients=", ".join(silent)))

    def _after(self, clients: Any) -> str:
        """One client's record, or the list of what is asked of many."""
        asked = list(clients[:2])
        if len(asked) == 1:
            return reverse("admin:record", args=[asked[0].pk])
        return f"{self.list_url()}?state=asked"


def files_of(request: HttpRequest, row: UploadRequest) -> list[dict[str, Any]]:
    """The files that came for a request, each with where it stands."""
    found = Upload.objects.visible_to(request.user).filter(requests=row).select_related("sent_by").order_by("sent_at")
    now = timezone.now()
    return [
        {"upload": each, "standing": standing.of_upload(each, now), "scan": standing.scan_in_words(each)}
        for each in found
    ]
