"""What forms put into a person's archive: what was asked, typed and submitted, and what the practice said of it.

A submitted form is there as its PDF, as FHIR R4, and line by line.
"""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import fhir as people
from accounts.archive import Entry, Section, day, moment, paths, told
from accounts.models import Client, User
from forms_app import fhir, pdfs, showing
from forms_app.models import Assignment, Attachment, Draft, DraftVersion, QuestionnaireResponse, Review
from forms_app.reading import questionnaire_of

FOLDER = "forms"

TOLD: dict[type[Any], str] = {
    Assignment: "id status due_on comment assigned_at submitted_at decided_at",
    Draft: "assignment_id entries percent saved_at",
    DraftVersion: "assignment_id entries saved_at",
    Attachment: "assignment_id upload_id added_at",
    QuestionnaireResponse: "id assignment_id number resource sha256 is_signed scores submitted_at",
    Review: "response_id decision comment comments decided_at",
}


def files(client: Client, user: User) -> Iterator[Entry]:
    """Each submitted form to read. One whose PDF is not there yet gets it now: archives are made in a job too."""
    submitted = _responses(client, user)
    for row, path in zip(submitted, paths(FOLDER, map(_name, submitted)), strict=True):
        yield path, row.pdf.chunks() if row.pdf else [pdfs.make(row)]


def resources(client: Client, user: User) -> Iterator[people.Resource]:
    """Each Questionnaire once, and each QuestionnaireResponse."""
    submitted = _responses(client, user)
    for form in {row.assignment.questionnaire_id: row.assignment.questionnaire for row in submitted}.values():
        yield fhir.questionnaire(form)
    yield from map(fhir.questionnaire_response, submitted)


def rows(client: Client, user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything for machines, by kind."""
    yield "forms", [{**told(row, TOLD[Assignment]), **_form(row)} for row in _assignments(client, user)]
    yield "form_drafts", _told(_of(Draft, client, user))
    yield "form_drafts_of_other_devices", _told(_of(DraftVersion, client, user))
    yield "form_files", _told(_of(Attachment, client, user))
    yield "form_responses", [_told_response(row, user) for row in _responses(client, user)]
    yield "form_reviews", _told(_of(Review, client, user))


def sections(client: Client, user: User) -> Iterator[Section]:
    """The same to read."""
    yield Section(
        _("Forms"),
        key="forms",
        head=[_("Form"), _("State"), _("Due"), _("Assigned"), _("Submitted"), _("Comment")],
        rows=[_said(row) for row in _assignments(client, user)],
        nothing=_("None."),
    )
    yield Section(
        _("Answers in forms"),
        key="answers",
        head=[_("Form"), _("Submitted"), _("Version"), _("Question"), _("Answer")],
        rows=[line for row in _responses(client, user) for line in _lines(row)],
        nothing=_("None."),
    )


# Rows ------------------------------------------------------------------------------------------


def _of(model: Any, client: Client, user: User) -> Any:
    return model.objects.visible_to(user).filter(client=client).order_by("pk")


def _assignments(client: Client, user: User) -> Any:
    found = Assignment.objects.visible_to(user).filter(client=client).select_related("questionnaire")
    return found.defer("questionnaire__resource").order_by("assigned_at", "pk")


def _responses(client: Client, user: User) -> list[QuestionnaireResponse]:
    found = QuestionnaireResponse.objects.visible_to(user).filter(client=client)
    related = ("client", "submitted_by", "assignment__questionnaire")
    return list(found.select_related(*related).order_by("submitted_at", "pk"))


def _told(found: Any) -> list[dict[str, Any]]:
    return [told(row, TOLD[type(row)]) for row in found]


# Words -----------------------------------------------------------------------------------------


def _form(row: Assignment) -> dict[str, Any]:
    return {"form": row.questionnaire.title, "questionnaire": row.questionnaire.canonical}


def _told_response(row: QuestionnaireResponse, user: User) -> dict[str, Any]:
    return {**told(row, TOLD[QuestionnaireResponse]), "yours": row.submitted_by_id == user.pk}


def _name(row: QuestionnaireResponse) -> str:
    return f"{row.assignment.questionnaire.title} {timezone.localdate(row.submitted_at)}.pdf"


def _said(row: Assignment) -> list[str]:
    words = [row.questionnaire.title, str(row.get_status_display()), day(row.due_on), moment(row.assigned_at)]
    return [*words, moment(row.submitted_at), row.comment]


def _lines(row: QuestionnaireResponse) -> Iterator[list[str]]:
    form = row.assignment.questionnaire
    first = [form.title, moment(row.submitted_at), str(row.number)]
    for each in showing.rows(questionnaire_of(form), row.resource):
        if each.is_question:
            answers = each.answers + [file.name for file in each.files]
            yield [*first, " ".join(filter(None, [each.prefix, each.question])), "\n".join(answers)]
