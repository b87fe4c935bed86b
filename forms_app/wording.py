"""The words in which staff read a form's items: kinds, conditions, and what else is to be known of one."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.fields import OVERRIDES
from forms_app import building

Words = str | Promise
LONGEST, LONGEST_TITLE = 90, 200


@dataclass(frozen=True)
class KindWords:
    """What a kind is called, and when it is the right one."""

    label: Words
    hint: Words


KINDS: dict[str, KindWords] = {
    "string": KindWords(gettext_lazy("Short text"), gettext_lazy("A name, a word, one line.")),
    "text": KindWords(gettext_lazy("Long text"), gettext_lazy("Several lines in the client’s own words.")),
    "boolean": KindWords(gettext_lazy("Yes or no"), gettext_lazy("One question, two answers.")),
    "choice": KindWords(gettext_lazy("Choose one"), gettext_lazy("One of the answers that you give.")),
    "choices": KindWords(gettext_lazy("Choose several"), gettext_lazy("Any of the answers that you give.")),
    "open-choice": KindWords(gettext_lazy("Choose one, or type another"), gettext_lazy("With a field for “Other”.")),
    "open-choices": KindWords(
        gettext_lazy("Choose several, or type others"), gettext_lazy("With a field for “Other”.")
    ),
    "scale": KindWords(gettext_lazy("Scale"), gettext_lazy("A whole number from one end to the other: pain, 0 to 10.")),
    "integer": KindWords(gettext_lazy("Whole number"), gettext_lazy("How many, how often.")),
    "decimal": KindWords(gettext_lazy("Number"), gettext_lazy("With digits after the point.")),
    "quantity": KindWords(gettext_lazy("Number with a unit"), gettext_lazy("Weight in kg, height in cm.")),
    "date": KindWords(gettext_lazy("Date"), gettext_lazy("A day.")),
    "time": KindWords(gettext_lazy("Time"), gettext_lazy("A time of day.")),
    "dateTime": KindWords(gettext_lazy("Date and time"), gettext_lazy("A moment.")),
    "consent": KindWords(gettext_lazy("Consent tick"), gettext_lazy("A sentence that has to be agreed to.")),
    "signature": KindWords(gettext_lazy("Signature"), gettext_lazy("A typed name below a sentence.")),
    "attachment": KindWords(gettext_lazy("File"), gettext_lazy("A picture or a document.")),
    "url": KindWords(gettext_lazy("Web address"), gettext_lazy("A link.")),
    "group": KindWords(
        gettext_lazy("Group"), gettext_lazy("A heading with questions below it; also one that repeats.")
    ),
    "display": KindWords(gettext_lazy("Text to read"), gettext_lazy("Nothing is asked.")),
    "other": KindWords(
        gettext_lazy("Another kind"), gettext_lazy("From an imported file; it can be moved, and not changed here.")
    ),
}

OPERATORS: dict[str, dict[str, Words]] = {
    "": {
        "=": gettext_lazy("is"),
        "!=": gettext_lazy("is not"),
        ">": gettext_lazy("is more than"),
        ">=": gettext_lazy("is at least"),
        "<": gettext_lazy("is less than"),
        "<=": gettext_lazy("is at most"),
        "exists": gettext_lazy("was answered"),
        building.MISSING: gettext_lazy("was not answered"),
    },
    "time": {
        ">": gettext_lazy("is after"),
        ">=": gettext_lazy("is not before"),
        "<": gettext_lazy("is before"),
        "<=": gettext_lazy("is not after"),
    },
}
TIMES = {"date", "dateTime", "time"}


def one_line(text: Any) -> str:
    """A title as lists show it."""
    shown = "".join(" " if unicodedata.category(char) == "Cc" or char in OVERRIDES else char for char in str(text))
    line = " ".join(shown.split()) or _("Form without a title")
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"


def cut(text: str) -> str:
    """One line of a text, for lists."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def item_words(item: building.Item) -> str:
    """What an item is called where it is named: its text, or else its linkId."""
    return cut(str(item.get("text") or item.get("prefix") or item.get("linkId", "")))


def kind_words(item: building.Item) -> str:
    known = building.kind_of(item)
    return str(KINDS[known].label) if known != "other" else str(item.get("type", ""))


def operator_words(operator: str, question: building.Item) -> str:
    known = {**OPERATORS[""], **(OPERATORS["time"] if question.get("type") in TIMES else {})}
    return str(known.get(operator, operator))


def answer_words(index: building.Index, condition: dict[str, Any]) -> str:
    """The answer that a condition asks for, as the client reads it."""
    answer = next((condition[name] for name in condition if name.startswith("answer")), "")
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    if isinstance(answer, dict) and "value" in answer:
        unit = answer.get("unit", answer.get("code", ""))
        return f"{building.plain(answer['value'])} {unit}".strip()
    offered = index.options(index.question(str(condition.get("question", ""))))
    known = next((each for each in offered if building.names(condition, each)), {"valueCoding": answer})
    return cut(building.label_of(known))


def conditions_words(index: building.Index, item: building.Item) -> str:
    """“Shown when …”, in one sentence; empty for what is always shown."""
    parts = list(_condition_words(index, item))
    if not parts:
        return ""
    glue = _(" and ") if item.get("enableBehavior") == "all" else _(" or ")
    return _("Shown when {conditions}").format(conditions=glue.join(parts))


def _condition_words(index: building.Index, item: building.Item) -> Iterable[str]:
    conditions = [each for each in item.get("enableWhen", []) if isinstance(each, dict)]
    for condition, row in zip(conditions, building.condition_rows(index, item), strict=True):
        question = index.question(row.question) or {"text": row.question}
        said = (f"“{item_words(question)}”", operator_words(row.operator, question))
        is_there = row.operator not in {"exists", building.MISSING}
        yield " ".join([*said, f"“{answer_words(index, condition)}”"] if is_there else said)


def notes(index: building.Index, item: building.Item) -> list[str]:
    """What else is to be known of an item at a glance, in the order of its weight."""
    options = building.option_rows(item)
    words = [
        kind_words(item),
        _("required") if item.get("required") is True and building.kind_of(item) != "consent" else "",
        _("repeats") if item.get("repeats") is True and item.get("type") not in {"choice", "open-choice"} else "",
        ngettext("{n} answer", "{n} answers", len(options)).format(n=len(options)) if options else "",
        _("scored") if any(row.score for row in options) else "",
        _("calculated") if building.expression(item, *building.CALCULATED) else "",
        _("filled in from the profile") if "%patient" in building.expression(item, *building.INITIAL) else "",
        conditions_words(index, item),
        _("shown by a formula") if building.has(item, building.ENABLE_WHEN) else "",
    ]
    return [each for each in words if each]


def tells(item: building.Item) -> bool:
    """Whether an answer of it is told to the provider."""
    return building.has(item, building.ALERT) or any(row.alerts for row in building.option_rows(item))
