"""A form tried as a client, checked, published, and handed out as JSON."""

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.staff import staff_of
from forms_app import answers, words
from forms_app.actions import questionnaires as verbs
from forms_app.admin.drafts import DraftPages, Row
from forms_app.answers.problems import Problem, importable, problems
from forms_app.asking import Sheet
from forms_app.models import Questionnaire
from forms_app.paging import Page
from forms_app.reading import questionnaire_of

LEVELS = ("error", "warning", "information")
# Whoever a form is tried as, so that what it takes from the profile shows.
EXAMPLE = {
    "resourceType": "Patient",
    "name": [{"use": "official", "text": "Alex Example"}],
    "birthDate": "1990-05-17",
    "telecom": [{"system": "phone", "value": "+1 212 555 0100"}, {"system": "email", "value": "alex@example.com"}],
    "address": [{"text": "12 Linden Street\nNew York, NY 10001", "line": ["12 Linden Street", "New York, NY 10001"]}],
}


class PublishPages(DraftPages):
    """What is done with a form as a whole."""

    words = (*DraftPages.words, "preview", "publish", "json", "export")

    def preview(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """As the client sees it. What is typed is sent back and forth, and stored nowhere."""
        row = self.seen(request, pk)
        filled, entries, checks = _tried(request, row)
        page = Page(filled, checks=checks)
        pages = page.all_steps
        return self.answer(
            request,
            row,
            "preview",
            _("Preview: {form}").format(form=row.title),
            page=page,
            pages=pages,
            sheet=Sheet(errors=page.sheet_errors, relationship="self"),
            filled=filled,
            progress=filled.progress(),
            shown_keys=[node.key for node in filled.walk()],
            entries=json.dumps(entries),
            alerts=[f"{question}: {answer}" for _link_id, question, answer in filled.alerts()],
            scores=filled.scores(),
        )

    def publish(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What has to be done before it is published, item by item; then publishing."""
        row = self.draft(request, pk)
        if request.method == "POST":
            try:
                row = verbs.publish(row, by=staff_of(request), revision=self.revision(request))
            except verbs.HasProblems as refusal:
                self.tell(request, refusal)
            else:
                messages.success(request, _("Published. It can be assigned now."))
                return self.to_outline(row)
        found = problems(row.resource)
        earlier = Row.objects.visible_to(request.user).active().filter(url=row.url).defer("resource").first()
        return self.answer(
            request,
            row,
            "publish",
            _("Check and publish"),
            status=422 if request.method == "POST" else 200,
            levels=[self._level(row, level, found) for level in LEVELS],
            may_publish=importable(found),
            earlier=earlier,
        )

    def _level(self, row: Row, level: str, found: list[Problem]) -> dict[str, Any]:
        lines = [
            {
                "words": words.problem(each),
                "link_id": each.link_id,
                "element": each.element,
                "url": self.url_for("item", row, link=each.link_id) if each.link_id else "",
            }
            for each in found
            if each.severity == level
        ]
        return {"name": level, "lines": lines}

    def json(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The resource to read."""
        row = self.seen(request, pk)
        return self.answer(request, row, "json", _("As FHIR JSON"), text=_text(row))

    def export(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The resource as a file. It says of its status what is true now; published, all else is as it was signed."""
        row = self.seen(request, pk)
        name = f"{slugify(row.title) or 'form'}-{slugify(row.version) or '1'}.json"
        answer = HttpResponse(_text(row), content_type="application/fhir+json; charset=utf-8")
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return answer


def _text(row: Questionnaire) -> str:
    """With the order of names that FHIR writes them in; the database keeps none."""
    return answers.dumps(_in_order({**row.resource, "status": row.status}), indent=2)


FIRST = ("resourceType", "id", "meta", "language", "contained", "extension", "url", "identifier", "version", "name",
         "title", "status", "linkId", "definition", "code", "prefix", "text", "type", "enableWhen", "enableBehavior",
         "required", "repeats", "readOnly", "maxLength", "system", "question", "operator")  # fmt: skip
LAST = ("answerOption", "initial", "item")


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _in_order(value[name]) for name in sorted(value, key=_rank)}


def _rank(name: str) -> tuple[int, str]:
    if name in FIRST:
        return FIRST.index(name), name
    return (len(FIRST) + 1 + LAST.index(name) if name in LAST else len(FIRST)), name


# Trying ----------------------------------------------------------------------------------------


def _tried(request: HttpRequest, row: Questionnaire) -> tuple[answers.Filled, answers.Entries, bool]:
    """The form with what was typed into the preview, and whether it was tried to submit it."""
    questionnaire = questionnaire_of(row)
    zone = ZoneInfo(staff_of(request).time_zone)
    context = answers.Context(zone=zone, now=timezone.now(), patient=EXAMPLE)
    if request.method != "POST" or request.POST.get("_do") == "again":
        entries = answers.initial(questionnaire, context)
        return answers.fill(questionnaire, entries, context), entries, False
    entries = answers.merge(questionnaire, _known(request), dict(request.POST.lists()))
    verb, _colon, rest = request.POST.get("_do", "").partition(":")
    if verb == "add":
        entries = answers.add_instance(questionnaire, entries, rest)
    elif verb == "remove":
        key, _colon, instance = rest.rpartition(":")
        entries = answers.remove_instance(questionnaire, entries, key, instance)
    return answers.fill(questionnaire, entries, context), entries, verb == "submit"


def _known(request: HttpRequest) -> Any:
    """What the page held beside its inputs; whatever else comes is nothing."""
    try:
        known = json.loads(request.POST.get("_entries", ""))
    except (ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) and all(isinstance(each, list) for each in known.values()) else {}
