"""What clients submitted: what waits for somebody, the answers beside the questions, and what the practice says."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.staff import ClientOwnedAdmin, button, staff_of
from accounts.staff.buttons import is_second_press
from accounts.staff.cells import badge, badge_at, person
from accounts.staff.facts import moment
from accounts.standing import Standing
from forms_app import proof, scores, showing, signing
from forms_app.actions import reviews as verbs
from forms_app.admin.exporting import Exporting
from forms_app.admin.filters import AlertFilter, FormFilter, StateFilter, state_of, waiting_among
from forms_app.forms.reviews import ReturnForm
from forms_app.models import Alert, Assignment, QuestionnaireResponse, Review
from forms_app.reading import questionnaire_of
from uploads import standing as of_file
from uploads.models import Upload

Row = QuestionnaireResponse
# What waits: with an alert that nobody has seen first, then whatever has waited longest. What is settled: the newest.
ORDERS: dict[str, tuple[str, ...]] = {"": ("-is_alarming", "submitted_at", "pk")}
NEWEST_FIRST = ("-submitted_at", "pk")


def review_of(row: Row) -> Review | None:
    return getattr(row, "review", None)


def waits(row: Row) -> bool:
    return review_of(row) is None and row.assignment.status == Assignment.Status.SUBMITTED


def shown_elsewhere(row: Row) -> bool:
    """Its button stands in a form of its own."""
    return False


def asked(row: Row, shown: Iterable[showing.Row]) -> list[showing.Row]:
    """What the client was asked: what the form calculates by itself, nobody can answer otherwise."""
    items = questionnaire_of(row.assignment.questionnaire).walk()
    fixed = {item.link_id for item in items if item.read_only or item.calculated_expression}
    return [one for one in shown if one.is_question and one.link_id not in fixed]


def standing_of(row: Row) -> Standing:
    """Where one version stands, with since when."""
    if review := review_of(row):
        tone = "ok" if review.decision == Review.Decision.ACCEPTED else "muted"
        return Standing(review.decision, review.get_decision_display(), tone, review.decided_at)
    return Standing("waits", _("To review"), "info", row.submitted_at)


@admin.register(QuestionnaireResponse)
class QuestionnaireResponseAdmin(Exporting, ClientOwnedAdmin):
    section, place, icon = "forms", 10, "check"
    lead = gettext_lazy("What clients submitted. It waits here until somebody accepts it or sends it back.")
    nothing_yet = gettext_lazy("Nothing waits for you. What clients submit appears here.")
    refusals = (*ClientOwnedAdmin.refusals, verbs.CannotReview)
    buttons = ("accept", "send_back")
    actions = ("csv_chosen", "fhir_chosen")
    change_list_template = "admin/forms_app/questionnaireresponse/change_list.html"
    list_display = ("what", "state", "alerting", "came")
    list_filter = (StateFilter, FormFilter, AlertFilter)
    search_fields = ("assignment__questionnaire__title",)
    search_help_text = gettext_lazy("The form’s title, or the client’s name, e-mail or phone")

    def menu_name(self) -> str:
        return _("Submitted forms")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Clients submit; staff do not."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was submitted stays as it was submitted."""
        return False

    # The queue -------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        alerts = Alert.objects.visible_to(request.user).filter(response=OuterRef("pk"))
        found = Row.objects.visible_to(request.user).select_related(
            "client", "assignment__questionnaire", "submitted_by", "review__decided_by"
        )
        light = found.defer("resource", "assignment__questionnaire__resource")
        known = light.annotate(is_alarming=Exists(alerts.unseen()), is_alerting=Exists(alerts))
        return known.order_by(*self.get_ordering(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The ways to take everything out that is listed ask for the same words and filters."""
        query = request.GET.urlencode()
        return super().changelist_view(request, {**(extra_context or {}), "listed_query": f"?{query}" if query else ""})

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ORDERS.get(state_of(request), NEWEST_FIRST)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        titled = Q(assignment__questionnaire__title__icontains=search_term)
        return queryset.filter(titled | Q(client__in=clients)), False

    @admin.display(description=gettext_lazy("Form"))
    def what(self, row: Row) -> str:
        again = _("version {n}").format(n=row.number) if row.number > 1 else ""
        return person(row.assignment.questionnaire.title, " · ".join(filter(None, [str(row.client), again])))

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Row) -> str:
        return badge_at(standing_of(row))

    @admin.display(description=gettext_lazy("Alert"))
    def alerting(self, row: Any) -> str:
        if row.is_alarming:
            return badge(_("Needs a look"), "due")
        return badge(_("Seen"), "muted") if row.is_alerting else "–"

    @admin.display(description=gettext_lazy("Submitted"))
    def came(self, row: Row) -> str:
        return format_html('{} <span class="meta">{}</span>', moment(row.submitted_at), row.submitted_by)

    # One form --------------------------------------------------------------------------------

    def heading(self, row: Row) -> str:
        return row.assignment.questionnaire.title

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None or request.method not in {"GET", "HEAD"}:
            return super().changeform_view(request, object_id, form_url, extra_context)
        row = self.fetch(request, object_id)
        self.opened(request, row)
        return self._page(request, row, self._shown(row))

    def _shown(self, row: Row) -> list[showing.Row]:
        review = review_of(row)
        questionnaire = questionnaire_of(row.assignment.questionnaire)
        return showing.rows(questionnaire, row.resource, review.comments if review else None)

    def _page(
        self,
        request: HttpRequest,
        row: Row,
        shown: list[showing.Row],
        form: ReturnForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The whole page; `form` with what was typed, when it could not be sent."""
        may_decide = waits(row) and request.user.has_perm("forms_app.add_review", row)
        offered = (form or ReturnForm(asked(row, shown))) if may_decide else None
        context = {
            **self.admin_site.each_context(request),
            **self._around(request, row, shown),
            "title": self.heading(row),
            "original": row,
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "standing": standing_of(row),
            "presses": self.presses(request, row),
            "sections": showing.sections(shown),
            "form": offered,
            "beside": offered.beside() if offered else {},
            "return_url": self._reverse("do", row, "send_back"),
            "unsent": form.typed() if form and not offered else [],
            "page_url": self.url_of(row),
            "following": self._following(request, row),
        }
        return TemplateResponse(
            request, "admin/forms_app/questionnaireresponse/change_form.html", context, status=status
        )

    def _around(self, request: HttpRequest, row: Row, shown: list[showing.Row]) -> dict[str, Any]:
        """What stands beside the answers."""
        user, form = staff_of(request), row.assignment.questionnaire
        alerts = Alert.objects.visible_to(user).filter(response=row).select_related("seen_by")
        versions = self.get_queryset(request).filter(assignment=row.assignment).order_by("-number")
        return {
            "alerts": alerts.order_by("raised_at", "pk"),
            "may_see": user.has_perm("forms_app.change_alert", row),
            "versions": [{"row": each, "standing": standing_of(each)} for each in versions],
            "review": review_of(row),
            "scores": scores.of_response(row, form),
            "trends": scores.trends_of(row.client, user, url=form.url),
            "proof": proof.of(row, form),
            "signatures": signing.signatures(shown, row),
            "files": self._files(request, shown),
        }

    def _files(self, request: HttpRequest, shown: list[showing.Row]) -> list[dict[str, Any]]:
        """The files that answer questions, as far as this person may open files of forms."""
        keys = [file.key for one in shown for file in one.files if file.key]
        found = Upload.objects.visible_to(request.user).filter(pk__in=keys).select_related("sent_by")
        now = timezone.now()
        return [
            {"upload": each, "standing": of_file.of_upload(each, now), "scan": of_file.scan_in_words(each)}
            for each in found.order_by("sent_at", "pk")
        ]

    def _following(self, request: HttpRequest, row: Row) -> dict[str, Any] | None:
        """The next one that waits, and how many there are."""
        if not request.user.has_perm("forms_app.add_review"):
            return None
        waiting = waiting_among(self.get_queryset(request)).exclude(pk=row.pk)
        first = waiting.order_by(*ORDERS[""]).first()
        return {"row": first, "url": self.url_of(first), "count": waiting.count()} if first else None

    # Deciding --------------------------------------------------------------------------------

    @button(gettext_lazy("Accept"), permission="forms_app.add_review", kind="primary", when=waits)
    def accept(self, request: HttpRequest, row: Row) -> str:
        verbs.accept(row, by=staff_of(request))
        return _("Accepted: {form}, {client}.").format(form=self.heading(row), client=row.client)

    @button(gettext_lazy("Return"), permission="forms_app.add_review", when=shown_elsewhere)
    def send_back(self, request: HttpRequest, row: Row) -> HttpResponse:
        """What was typed survives whatever is wrong with it, and that a colleague was faster."""
        shown = self._shown(row)
        form = ReturnForm(asked(row, shown), request.POST)
        if not form.is_valid():
            return self._page(request, row, shown, form, status=422)
        try:
            said = form.cleaned_data["comment"]
            verbs.send_back(row, by=staff_of(request), comment=said, comments=form.comments())
        except self.refusals as refusal:
            self.tell(request, refusal)
            return self._page(request, self.fetch(request, str(row.pk)), shown, form, status=409)
        words = _("Returned. {client} was told, and reads your comments beside the answers.")
        messages.success(request, words.format(client=row.client))
        return self.back(request, row)

    def do(self, request: HttpRequest, object_id: str, word: str) -> HttpResponse:
        """A form that could not be sent is no press that counts: it may be sent again."""
        if word == "send_back" and request.method == "POST":
            row = self.fetch(request, object_id)
            self.require(request, "forms_app.add_review", row)
            valid = ReturnForm(asked(row, self._shown(row)), request.POST).is_valid()
            return self.back(request, row) if valid and is_second_press(request) else self.send_back(request, row)
        return super().do(request, object_id, word)
