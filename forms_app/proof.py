"""Whether a submitted form is still what was submitted, by the fingerprints that were taken then."""

from dataclasses import dataclass
from typing import Any

from forms_app.actions.responses import QUESTIONNAIRE_HASH
from forms_app.hashing import sha256
from forms_app.models import Questionnaire, QuestionnaireResponse


@dataclass(frozen=True)
class Proof:
    """`answers` and `form` are SHA-256 as they were taken; each is unchanged when it comes out the same today."""

    answers: str
    form: str
    are_answers_unchanged: bool
    is_form_unchanged: bool

    @property
    def holds(self) -> bool:
        return self.are_answers_unchanged and self.is_form_unchanged


def of(response: QuestionnaireResponse, questionnaire: Questionnaire) -> Proof:
    """`questionnaire` with its resource: the answers name its fingerprint, and so does the row since publishing."""
    named = _named(response.resource)
    now = _fingerprint(questionnaire.resource)
    return Proof(
        answers=response.sha256,
        form=named,
        are_answers_unchanged=_fingerprint(response.resource) == response.sha256,
        is_form_unchanged=bool(named) and named == questionnaire.sha256 == now,
    )


def _fingerprint(resource: Any) -> str:
    try:
        return sha256(resource)
    except ValueError:
        return ""


def _named(resource: Any) -> str:
    extensions = resource.get("extension") if isinstance(resource, dict) else None
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and extension.get("url") == QUESTIONNAIRE_HASH:
            return str(extension.get("valueString", ""))
    return ""
