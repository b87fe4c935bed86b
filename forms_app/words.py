"""Sentences of the answers' codes in the reader's language: problems of a form, errors of an answer."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from forms_app.answers import sentences
from forms_app.answers.problems import Problem


def error(code: str, params: Mapping[str, Any] | None = None) -> str:
    """What is wrong with an answer. A form's own words (`human` of its constraint) stand alone: they say it all."""
    own = (params or {}).get("human")
    if code == "constraint" and isinstance(own, str) and own.strip():
        return own
    return sentences.fill(_(sentences.template(code)), code, params or {})


def problem(found: Problem) -> str:
    """What is wrong with a questionnaire that is to be imported."""
    return sentences.fill(_(sentences.template(found.code)), found.code, found.params)
