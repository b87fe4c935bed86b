"""The report on a FHIR R4 Questionnaire before it is imported, item by item: what is wrong, what is not used here.

- error: what is asked would be lost, could not be answered or would mean something else, or it is not R4 at all;
- warning: it can be asked, and something of it does not work here; or a rule of R4 is broken and the meaning is clear;
- information: it is known, and the portal has no use for it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from forms_app.answers import condition_problems, extensions, item_problems, shape
from forms_app.answers.placed import Finding, Form, Placed, objects, text

MAX_TEXT = 1_000_000
# Reading FHIRPath takes time: a millisecond for an expression as people write them.
MAX_FORMULAS = 100_000
MAX_ITEMS = 2_000
MAX_NESTING = 20
MAX_DEPTH = 150
MAX_VALUES = 200_000

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

# What a form is found by, and how long that may be.
LONGEST = {"url": 255, "version": 40}
STATUSES = {"draft", "active", "retired", "unknown"}

WARNINGS = {
    "behavior_missing",
    "blank",
    "condition_never_met",
    "condition_of_other_type",
    "condition_on_no_question",
    "condition_unknown_option",
    "empty_list",
    "expression_unusable",
    "extension_has_effect",
    "extension_unknown",
    "extension_without_value",
    "group_empty",
    "implicit_rules",
    "initial_of_other_type",
    "initial_several",
    "initial_where_none",
    "language_unsupported",
    "limits_contradict",
    "max_length_odd",
    "max_length_where_none",
    "names_unknown",
    "no_text",
    "odd_value",
    "open_options_missing",
    "option_twice",
    "options_and_initial",
    "options_where_none",
    "required_display",
    "regex_broken",
    "title_missing",
    "unknown_detail",
    "value_set_open",
}
INFORMATION = {"code_on_display", "extension_unused", "contained_unused"}


@dataclass(frozen=True)
class Problem:
    """One line of the report. `element` is its path in the resource, as in `item[3].enableWhen[0].question`."""

    link_id: str
    element: str
    severity: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def importable(found: Iterable[Problem]) -> bool:
    return not any(problem.severity == "error" for problem in found)


def problems(resource: Any) -> list[Problem]:
    """What has to be said of a resource before it is imported; never raises, whatever it is."""
    stop = _gate(resource)
    if stop is not None:
        return [_problem("", *stop)]
    form = Form.of(resource)
    if len(form.placed) > MAX_ITEMS:
        return [_problem("", "item", "too_many_items", {"count": len(form.placed), "max": MAX_ITEMS})]
    deepest = max((each.depth for each in form.placed), default=0)
    if deepest > MAX_NESTING:
        return [_problem("", "item", "too_deep", {"depth": deepest, "max": MAX_NESTING})]
    return [*(_problem("", *finding) for finding in _of_the_whole(resource)), *_of_items(form)]


def _severity(code: str) -> str:
    return "warning" if code in WARNINGS else "information" if code in INFORMATION else "error"


def _problem(link_id: str, element: str, code: str, params: dict[str, Any]) -> Problem:
    return Problem(link_id, element, _severity(code), code, params)


# The whole --------------------------------------------------------------------------------------


def _gate(resource: Any) -> Finding | None:
    """What nobody looks into any further: no Questionnaire, or one that is made to wear out its reader."""
    if not isinstance(resource, dict):
        return "", "not_an_object", {}
    if (kind := resource.get("resourceType")) != "Questionnaire":
        return "resourceType", "not_a_questionnaire", {"kind": str(kind)[:100] if isinstance(kind, str) else ""}
    return _measure(resource)


def _measure(resource: dict[str, Any]) -> Finding | None:
    """Walks without recursion, as the depth is what is asked."""
    text = formulas = values = 0
    waiting: list[tuple[Any, int, str]] = [(resource, 1, "")]
    while waiting:
        value, depth, path = waiting.pop()
        values += 1
        text += _length(value)
        formulas += _length(value) if path.endswith(".expression") else 0
        if depth > MAX_DEPTH:
            return path[:200], "too_deep", {"depth": depth, "max": MAX_NESTING}
        if values > MAX_VALUES:
            return path[:200], "too_large", {}
        if text > MAX_TEXT or formulas > MAX_FORMULAS:
            return path[:200], "too_much_text", {"max": MAX_TEXT if text > MAX_TEXT else MAX_FORMULAS}
        if code := _unstorable(value):
            return path[:200], code, {}
        waiting += ((inside, depth + 1, _below(path, name)) for name, inside in _inside(value))
    return None


def _unstorable(value: Any) -> str:
    """No database keeps NUL and halves of characters, nor what is no number; FHIR has neither."""
    texts = value if isinstance(value, dict) else [value] if isinstance(value, str) else ()
    if any(UNSTORABLE.search(each) for each in texts):
        return "characters_odd"
    return "number_odd" if isinstance(value, float | Decimal) and not Decimal(value).is_finite() else ""


def _length(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(name) for name in value)
    return len(value) if isinstance(value, str) else 0


def _inside(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _below(path: str, name: str | int) -> str:
    if len(path) > 200:
        return path
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{UNSTORABLE.sub('?', name[:100])}".lstrip(".")


def _of_the_whole(resource: dict[str, Any]) -> Iterator[Finding]:
    yield from shape.findings(resource, "Questionnaire")
    status = resource.get("status")
    if status is None:
        yield "status", "status_missing", {}
    elif isinstance(status, str) and status not in STATUSES:
        yield "status", "status_unknown", {"status": status[:100]}
    for name, most in LONGEST.items():
        said = resource.get(name, "1")
        # An empty version is none; an empty url would be that of every other form without one.
        if isinstance(said, str) and not (len(said) <= most and (said.strip() or (name, said) == ("version", ""))):
            yield name, "identifier_length", {"name": name, "n": most}
    if not objects(resource, "item"):
        yield "item", "no_items", {}
    if not any(text(resource, name).strip() for name in ("title", "name")):
        yield "title", "title_missing", {}
    if "implicitRules" in resource:
        yield "implicitRules", "implicit_rules", {}
    yield from extensions.findings(resource, "", extensions.given(resource))
    for index, contained in enumerate(objects(resource, "contained")):
        yield from _contained(contained, f"contained[{index}]")


def _contained(resource: dict[str, Any], path: str) -> Iterator[Finding]:
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        yield f"{path}.resourceType", "odd_value", {}
    elif kind not in {"ValueSet", "CodeSystem"}:
        yield path, "contained_unused", {"kind": kind[:100]}
    elif not isinstance(resource.get("status"), str):
        yield f"{path}.status", "odd_value", {}


# Items ------------------------------------------------------------------------------------------


def _of_items(form: Form) -> Iterator[Problem]:
    loops = condition_problems.loops(form)
    # By path, the %names in sight of an item: what is above it comes before it.
    known = {"": extensions.given(form.resource)}
    for placed in form.placed:
        outer = known[placed.parent.path if placed.parent else ""]
        own = extensions.variables(placed.item)
        known[placed.path] = outer | own if own else outer
        for finding in _of_item(form, placed, loops, known[placed.path]):
            yield _problem(placed.link_id, *finding)


def _of_item(form: Form, placed: Placed, loops: dict[str, list[str]], known: set[str]) -> Iterator[Finding]:
    if not isinstance(placed.item, dict):
        yield placed.path, "wrong_type", {"expected": "object"}
        return
    yield from shape.findings(placed.item, "Item", placed.path)
    yield from _identified(form, placed)
    yield from item_problems.findings(form, placed)
    yield from condition_problems.findings(form, placed, loops)
    yield from extensions.findings(placed.item, placed.path, known)


def _identified(form: Form, placed: Placed) -> Iterator[Finding]:
    where = f"{placed.path}.linkId"
    if not placed.link_id.strip():
        yield where, "link_id_missing", {}
    elif form.times[placed.link_id] > 1:
        yield where, "link_id_twice", {"times": form.times[placed.link_id]}
    if len(placed.link_id) > 255:
        yield where, "link_id_long", {"max": 255}
