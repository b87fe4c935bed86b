"""Assigned forms: who is where, and assigning."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Client
from accounts.ownership import Area
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of, whom
from accounts.staff.buttons import is_second_press
from accounts.staff.cells import badge_at, person
from accounts.staff.filters import StateChips
from forms_app import standing
from forms_app.actions import assignments as verbs
from forms_app.forms.assigning import AssignForm, DueForm
from forms_app.models import Assignment, Questionnaire, QuestionnaireResponse

Status = Assignment.Status
# What needs somebody, soonest first; what is settled the other way round.
ORDERS: dict[str, tuple[Any, ...]] = {
    "open": (F("due_on").asc(nulls_last=True), "assigned_at", "pk"),
    "overdue": ("due_on", "assigned_at", "pk"),
    "submitted": ("submitted_at", "pk"),
    "returned": ("decided_at", "pk"),
    "accepted": ("-decided_at", "pk"),
    "cancelled": ("-decided_at", "pk"),
    "all": ("-assigned_at", "pk"),
}


class StateFilter(StateChips):
    """By state; without a choice, what clients have still to do."""

    usual = gettext_lazy("To be filled in")
    states = (
        ("overdue", gettext_lazy("Overdue")),
        ("submitted", gettext_lazy("Submitted")),
        ("returned", gettext_lazy("Returned")),
        ("accepted", gettext_lazy("Accepted")),
        ("cancelled", gettext_lazy("Cancelled")),
        ("all", gettext_lazy("All")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        state = state_of(request)
        if state == "open":
            return rows.open()
        if state == "overdue":
            return rows.overdue(timezone.localdate())
        return rows if state == "all" else rows.filter(status=state)


class FormFilter(admin.SimpleListFilter):
    """By form, all versions of it together."""

    title = gettext_lazy("Form")
    parameter_name = "form"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        assigned = Assignment.objects.visible_to(request.user).values("questionnaire")
        known = Questionnaire.objects.filter(pk__in=assigned).order_by("created_at", "pk").values_list("url", "title")
        return sorted(dict(known).items(), key=lambda one: one[1].casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(questionnaire__url=self.value()) if self.value() else queryset


def state_of(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in ORDERS else "open"


def can_be_cancelled(row: Assignment) -> bool:
    return Status.CANCELLED in Assignment.TRANSITIONS[Status(row.status)]


def shown_elsewhere(row: Assignment) -> bool:
    """Its button stands in a form of its own."""
    return False


@admin.register(Assignment)
class AssignmentAdmin(ClientOwnedAdmin):
    section, place, icon = "forms", 20, "form"
    lead = gettext_lazy(
        "Who has which form, and where it stands. What a client has typed is theirs alone until they submit it."
    )
    nothing_yet = gettext_lazy("Nobody has a form to fill in here. Assign one, and it appears with where it stands.")
    add_label = gettext_lazy("Assign forms")
    refusals = (*ClientOwnedAdmin.refusals, verbs.CannotAssign)
    buttons = ("cancel", "due")
    actions = ("cancel_chosen",)
    list_display = ("what", "state", "due_day")
    list_filter = (StateFilter, FormFilter)
    search_help_text = gettext_lazy("The form’s title, or the client’s name, e-mail or phone")
    search_fields = ("questionnaire__title",)
    readonly_fields = (
        "form_version",
        "due_day",
        "reminders",
        *facts(Assignment, "comment", "rule", "assigned_by", "assigned_at", "submitted_at", "decided_by", "decided_at"),
    )

    def menu_name(self) -> str:
        return _("Assigned forms")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It has verbs; nothing of it is typed over."""
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("forms_app.change_assignment"))

    # The list --------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("client", "questionnaire", "rule", "assigned_by")
        return rows.defer("questionnaire__resource")

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return ORDERS[state_of(request)]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        return queryset.filter(Q(questionnaire__title__icontains=search_term) | Q(client__in=clients)), False

    @admin.display(description=gettext_lazy("Form"))
    def what(self, row: Assignment) -> str:
        version = _("version {version}").format(version=row.questionnaire.version)
        return person(row.questionnaire, f"{row.client} · {version}")

    @admin.display(description=gettext_lazy("Version"))
    def form_version(self, row: Assignment) -> str:
        return row.questionnaire.version

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Assignment) -> str:
        return badge_at(standing.of_assignment(row, timezone.localdate()))

    @admin.display(description=gettext_lazy("Due"))
    def due_day(self, row: Assignment) -> str:
        if row.due_on is None:
            return "–"
        words = formats.date_format(row.due_on, "j M Y")
        return format_html('<time datetime="{}">{}</time>', row.due_on.isoformat(), words)

    @admin.display(description=gettext_lazy("Reminders"))
    def reminders(self, row: Assignment) -> str:
        sent = [at for at in (row.reminded_before_at, row.reminded_after_at) if at]
        if sent:
            days = ", ".join(formats.date_format(timezone.localtime(at), "j M Y") for at in sent)
            return _("Reminded on {days}").format(days=days)
        return _("None sent yet") if row.due_on else _("None: it has no day")

    @admin.action(description=gettext_lazy("Not needed any more"), permissions=["decide"])
    def cancel_chosen(self, request: HttpRequest, queryset: Any) -> None:
        self.each(request, queryset, lambda row: self._cancelled(request, row))

    def _cancelled(self, request: HttpRequest, row: Assignment) -> str:
        verbs.cancel(row, by=staff_of(request))
        return _("{n} cancelled.")

    # One ---------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Without what is empty. Why it came back is for whoever reads what was submitted."""
        asked = ("comment", "rule", "submitted_at", "decided_by", "decided_at")
        left_out = {name for name in asked if obj and not getattr(obj, name)}
        if not may_read(request):
            left_out.add("comment")
        return [one for one in self.readonly_fields if getattr(one, "__name__", one) not in left_out]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if row := context.get("original"):
            context |= self._around(request, row)
        page = super().render_change_form(request, context, *args, **kwargs)
        if not may_read(request):
            page.context_data["history_url"] = ""
        return page

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """It tells why a form came back, too."""
        self.fetch(request, object_id)
        self.require(request, "forms_app.view_review")
        return super().history_view(request, object_id, extra_context)

    def _around(self, request: HttpRequest, row: Assignment) -> dict[str, Any]:
        """What stands around the facts: what was submitted, and the form for another day."""
        may_change = row.is_open and request.user.has_perm("forms_app.change_assignment", row)
        client = Client.objects.visible_to(request.user).filter(pk=row.client_id)
        return {
            "standing": standing.of_assignment(row, timezone.localdate()),
            "responses": responses_of(request, row),
            "due_form": DueForm(initial={"due_on": row.due_on}) if may_change else None,
            "due_url": self._reverse("do", row, "due"),
            "unanswerable": row.is_open and bool(whom.without_login(request, client, Area.FORMS)),
        }

    @button(gettext_lazy("Not needed any more"), permission="forms_app.change_assignment", when=can_be_cancelled)
    def cancel(self, request: HttpRequest, row: Assignment) -> str:
        verbs.cancel(row, by=staff_of(request))
        return _("Cancelled. Whoever opens it reads that it is no longer needed.")

    @button(gettext_lazy("Change the day"), permission="forms_app.change_assignment", when=shown_elsewhere)
    def due(self, request: HttpRequest, row: Assignment) -> str:
        form = DueForm(request.POST)
        if not form.is_valid():
            raise verbs.CannotAssign(" ".join(map(str, form.errors["due_on"])))
        verbs.set_due(row, by=staff_of(request), due_on=form.cleaned_data["due_on"])
        return _("Changed.") if form.cleaned_data["due_on"] else _("It has no day any more.")

    # Assigning ---------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First whom, unless the address names them; then which."""
        self.require(request, "forms_app.add_assignment")
        clients = whom.chosen(request)
        if whom.is_asked_for(request) or (request.method == "GET" and not clients):
            return whom.choose(self, request, clients, many=True)
        form = AssignForm(clients, whom.without_login(request, clients, Area.FORMS), request.POST or None)
        if request.method == "POST" and form.is_valid() and (done := self._assign(request, form)):
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
        return TemplateResponse(request, "admin/forms_app/assignment/assign.html", context)

    def _assign(self, request: HttpRequest, form: AssignForm) -> HttpResponse | None:
        given = form.cleaned_data
        if not is_second_press(request):
            try:
                verbs.assign_many(by=staff_of(request), **given)
            except self.refusals as refusal:
                form.add_error(None, str(refusal))
                return None
            self._tell_assigned(request, form)
        return redirect(self._after(given["clients"]))

    def _tell_assigned(self, request: HttpRequest, form: AssignForm) -> None:
        clients, count = form.cleaned_data["clients"], len(form.cleaned_data["questionnaires"])
        what = ngettext("{n} form", "{n} forms", count).format(n=count)
        names = ", ".join(client.name for client in clients[: whom.SHOWN])
        messages.success(request, _("Assigned {what}: {clients}.").format(what=what, clients=names))
        if silent := [client.name for client in clients if client.pk in form.without_login]:
            words = _("Nobody can answer yet for {clients}: not joined. The form waits for them.")
            messages.warning(request, words.format(clients=", ".join(silent)))

    def _after(self, clients: Any) -> str:
        """One client's record, or the list of what is assigned to many."""
        assigned = list(clients[:2])
        if len(assigned) == 1:
            return reverse("admin:record", args=[assigned[0].pk])
        return self.list_url()


def may_read(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("forms_app.view_review"))


def responses_of(request: HttpRequest, row: Assignment) -> QuerySet[Any] | None:
    """What was submitted, the newest first, for whoever may read it."""
    if not request.user.has_perm("forms_app.view_questionnaireresponse"):
        return None
    found = QuestionnaireResponse.objects.visible_to(request.user).filter(assignment=row)
    return found.select_related("submitted_by").defer("resource").order_by("-number")
