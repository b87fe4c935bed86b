"""What is wrong with one item: its type, its options, what it starts with, what its answers have to keep to."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import regex

from forms_app.answers.compare import compare
from forms_app.answers.elements import CORE, SDC, extension
from forms_app.answers.placed import Finding, Form, Placed, numbered, text, values
from forms_app.answers.reading import limits

# How an answer to a question of this type is written.
VALUE_OF = {
    "boolean": {"valueBoolean"},
    "decimal": {"valueDecimal", "valueInteger"},
    "integer": {"valueInteger"},
    "date": {"valueDate"},
    "dateTime": {"valueDateTime", "valueDate"},
    "time": {"valueTime"},
    "string": {"valueString"},
    "text": {"valueString"},
    "url": {"valueUri"},
    "choice": {"valueCoding", "valueString", "valueInteger", "valueDate", "valueTime"},
    "open-choice": {"valueCoding", "valueString", "valueInteger", "valueDate", "valueTime"},
    "quantity": {"valueQuantity"},
    "attachment": {"valueAttachment"},
}
QUESTIONS = set(VALUE_OF)
# R4 has them; a client has nothing to refer to.
UNSUPPORTED = {"reference", "question"}
WITH_OPTIONS = {"choice", "open-choice"}
MAY_HAVE_OPTIONS = WITH_OPTIONS | {"decimal", "integer", "date", "dateTime", "time", "string", "quantity"}
WITH_LENGTH = {"boolean", "decimal", "integer", "string", "text", "url", "open-choice"}


def findings(form: Form, placed: Placed) -> Iterator[Finding]:
    yield from _type(placed)
    yield from _words(placed)
    if placed.type in {"group", "display"}:
        yield from _no_question(placed)
    elif placed.type in QUESTIONS:
        yield from _options(form, placed)
        yield from _initial(placed)
        yield from _limits(placed)


def _type(placed: Placed) -> Iterator[Finding]:
    where = f"{placed.path}.type"
    if "type" not in placed.item:
        yield where, "type_missing", {}
    elif placed.type in UNSUPPORTED:
        yield where, "type_unsupported", {"type": placed.type}
    elif placed.type and placed.type not in QUESTIONS | {"group", "display"}:
        yield where, "type_unknown", {"type": placed.type[:100]}


def _words(placed: Placed) -> Iterator[Finding]:
    """Something to read, in the text or in its extensions; a group may go without."""
    has_words = text(placed.item, "text").strip() or text(placed.item, "prefix").strip() or placed.item.get("_text")
    if not has_words and placed.type != "group" and not extension(placed.item, f"{CORE}questionnaire-hidden"):
        yield f"{placed.path}.text", "no_text", {}


def _no_question(placed: Placed) -> Iterator[Finding]:
    item = placed.item
    if placed.type == "group" and not numbered(item, "item"):
        yield f"{placed.path}.item", "group_empty", {}
    if item.get("initial"):
        yield f"{placed.path}.initial", "initial_where_none", {}
    if placed.type == "display":
        yield from _display(placed)
    for name in ("answerOption", "answerValueSet"):
        if item.get(name):
            yield f"{placed.path}.{name}", "options_where_none", {"type": placed.type}


def _display(placed: Placed) -> Iterator[Finding]:
    if placed.item.get("item"):
        yield f"{placed.path}.item", "display_with_items", {}
    for name in ("required", "repeats", "readOnly"):
        if placed.item.get(name):
            yield f"{placed.path}.{name}", "required_display", {"name": name}
    if placed.item.get("code"):
        yield f"{placed.path}.code", "code_on_display", {}


# Options ----------------------------------------------------------------------------------------


def _options(form: Form, placed: Placed) -> Iterator[Finding]:
    item, own, named = placed.item, numbered(placed.item, "answerOption"), text(placed.item, "answerValueSet")
    if own and named:
        yield f"{placed.path}.answerValueSet", "options_and_value_set", {}
    if (own or named) and placed.type not in MAY_HAVE_OPTIONS:
        yield (
            f"{placed.path}.{'answerOption' if own else 'answerValueSet'}",
            "options_where_none",
            {"type": placed.type},
        )
    elif (placed.type in WITH_OPTIONS or named) and not form.options(placed):
        yield _without(placed, named)
    for index, option in own:
        yield from _option(option, f"{placed.path}.answerOption[{index}]")
    yield from _twice(form, placed)
    if own and item.get("initial"):
        yield f"{placed.path}.initial", "options_and_initial", {}


def _without(placed: Placed, named: str) -> Finding:
    """Why there is nothing to choose from. Where other answers may be typed, it can be answered all the same."""
    where = f"{placed.path}.{'answerValueSet' if named else 'answerOption'}"
    if placed.type != "choice":
        code = "value_set_open" if named else "open_options_missing"
        return where, code, {"value_set": named[:200]}
    if extension(placed.item, f"{SDC}answerExpression") is not None:
        return f"{placed.path}.extension", "answer_expression", {}
    if not named:
        return where, "options_missing", {}
    code = "value_set_external" if not named.startswith("#") else "value_set_not_there"
    return where, code, {"value_set": named[:200]}


def _option(option: dict[str, Any], path: str) -> Iterator[Finding]:
    names = values(option)
    if not names:
        yield f"{path}.value[x]", "option_without_value", {}
    elif len(names) > 1:
        yield f"{path}.value[x]", "several_values", {"names": ", ".join(names)[:200]}
    elif names == ["valueReference"]:
        yield f"{path}.valueReference", "option_reference", {}
    elif names == ["valueCoding"] and not any(text(option["valueCoding"], name) for name in ("code", "display")):
        yield f"{path}.valueCoding", "option_without_value", {}


def _twice(form: Form, placed: Placed) -> Iterator[Finding]:
    keys = Counter(
        (text(value, "system"), text(value, "code") or text(value, "display"))
        if isinstance(value, dict)
        else str(value)
        for value in (option.value[1] for option in form.options(placed))
    )
    for key, times in keys.items():
        if times > 1:
            yield f"{placed.path}.answerOption", "option_twice", {"option": str(key[-1] if key[0] else key)[:100]}


# What it starts with ----------------------------------------------------------------------------


def _initial(placed: Placed) -> Iterator[Finding]:
    initial = numbered(placed.item, "initial")
    for index, each in initial:
        names = values(each)
        if not names:
            yield f"{placed.path}.initial[{index}].value[x]", "initial_of_other_type", {"type": placed.type}
        elif names[0] not in VALUE_OF[placed.type]:
            yield f"{placed.path}.initial[{index}].{names[0]}", "initial_of_other_type", {"type": placed.type}
    chosen = [option for _, option in numbered(placed.item, "answerOption") if option.get("initialSelected") is True]
    if max(len(initial), len(chosen)) > 1 and placed.item.get("repeats") is not True:
        yield f"{placed.path}.{'initial' if initial else 'answerOption'}", "initial_several", {}


# What answers have to keep to -------------------------------------------------------------------


def _limits(placed: Placed) -> Iterator[Finding]:
    read = limits(placed.item)
    if "maxLength" in placed.item:
        yield from _max_length(placed)
    if read.regex and not _is_pattern(read.regex):
        yield f"{placed.path}.extension", "regex_broken", {"pattern": read.regex[:100]}
    pairs = [(read.min_length, read.max_length), (read.min_occurs, read.max_occurs)]
    contradict = any(low is not None and high is not None and low > high for low, high in pairs)
    if contradict or (read.min_value and read.max_value and compare(read.min_value, read.max_value) == 1):
        yield f"{placed.path}.extension", "limits_contradict", {}


def _max_length(placed: Placed) -> Iterator[Finding]:
    where, length = f"{placed.path}.maxLength", placed.item["maxLength"]
    if placed.type not in WITH_LENGTH:
        yield where, "max_length_where_none", {"type": placed.type}
    elif isinstance(length, int) and length < 1:
        yield where, "max_length_odd", {}


def _is_pattern(pattern: str) -> bool:
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError):
        return False
    return True
