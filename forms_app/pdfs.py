"""A submitted form as a PDF: in the client's language and time zone, as it was on that day."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import pdf
from accounts.archive import day, moment
from accounts.models import Practice
from forms_app import proof, showing
from forms_app.models import QuestionnaireResponse
from forms_app.reading import questionnaire_of
from forms_app.signing import Signature, signatures

Words = dict[str, Any]


def make(response: QuestionnaireResponse) -> bytes:
    """Takes a whole core for a while: in jobs only. `response` comes with its client, form and sender."""
    client = response.client
    with translation.override(client.language), timezone.override(ZoneInfo(client.time_zone)):
        return pdf.make("forms_app/response", _words(response))


def _words(response: QuestionnaireResponse) -> Words:
    form = response.assignment.questionnaire
    rows = showing.rows(questionnaire_of(form), response.resource)
    signed = signatures(rows, response)
    return {
        "title": form.title,
        "lead": Practice.current().name,
        "lang": translation.get_language(),
        "practice": Practice.current().name,
        "page": _("Page"),
        "none": _("No answer"),
        "incomplete": _("Some characters cannot be drawn here and show as empty boxes. The portal shows them all."),
        "facts": _facts(response),
        "sections": [_section(section) for section in showing.sections(rows)],
        "signature": _("Signature") if signed else "",
        "signatures": [_signed(one) for one in signed],
        "proof": _proof(response),
    }


def _facts(response: QuestionnaireResponse) -> list[list[str]]:
    client = response.client
    facts = [
        (_("For"), client.name),
        (_("Birth date"), day(client.birth_date)),
        (_("Submitted"), moment(response.submitted_at)),
        (_("Submitted by"), response.submitted_by.name),
        (_("Version"), str(response.number) if response.number > 1 else ""),
        (_("Edition of the form"), response.assignment.questionnaire.version),
    ]
    return [[label, value] for label, value in facts if value]


def _section(section: showing.Section) -> Words:
    heading = section.heading
    return {
        "heading": _titled(heading) if heading and heading.question else "",
        "rank": section.rank,
        "texts": [_titled(row) for row in section.rows] if section.is_text else [],
        "rows": [] if section.is_text else [_row(row) for row in section.rows],
    }


def _row(row: showing.Row) -> Words:
    return {"question": _titled(row), "depth": row.depth, "answers": row.answers + [file.name for file in row.files]}


def _titled(row: showing.Row) -> str:
    return " ".join(filter(None, [row.prefix, row.question, str(row.number or "")]))


def _signed(signature: Signature) -> Words:
    return {"sentence": signature.sentence, "facts": [[label, value] for label, value in signature.facts()]}


def _proof(response: QuestionnaireResponse) -> list[list[str]]:
    """The fingerprints, by which it can be shown later that neither answers nor questions were changed."""
    found = proof.of(response, response.assignment.questionnaire)
    lines = [(_("SHA-256 of the answers"), found.answers), (_("SHA-256 of the questions"), found.form)]
    return [[label, value] for label, value in lines if value]
