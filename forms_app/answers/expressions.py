"""FHIRPath as questionnaires use it: totals, constraints, conditions and prefill, in bounded time and space.

Expressions come with imported forms, so whatever they do ends soon: an expression that is malformed, too long, too slow
or too big is `Unusable`, and nothing else is ever raised. The functions `weight()` and `ordinal()` are those of SDC.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, wraps
from types import TracebackType
from typing import Any

import regex
from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker
from antlr4.error.ErrorListener import ErrorListener
from fhirpathpy.engine import do_eval
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.engine.invocations.constants import constants
from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_TimeBase, ResourceNode
from fhirpathpy.engine.util import get_data
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from forms_app.answers import weights

MAX_CHARACTERS = 5_000
MAX_NESTING = 40
MAX_TOKENS = 1_500
MAX_RESULTS = 20_000
MAX_TEXT = 200_000
MAX_NUMBER = 10**30
MAX_EXPONENT = 100
SECONDS = 1.0
PATTERN_SECONDS = 0.2

# What stands in the environment without a `resourceType` of its own, and where it stands in FHIR.
PATHS = {"context": "QuestionnaireResponse.item", "qitem": "Questionnaire.item", "qItem": "Questionnaire.item"}
# Nobody may override these, and they are known in any expression.
CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


class Unusable(ValueError):
    """This expression cannot be evaluated: it is malformed, asks for what is not there, or never ends."""


class _Refused:
    """Whatever the library raises in here is `Unusable`: it raises bare `Exception` for most of what it cannot do."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, Unusable):
            raise Unusable(f"{type(error).__name__}: {str(error)[:200]}") from None


# Reading ----------------------------------------------------------------------------------------


class _Strict(ErrorListener):
    """The first thing that is not FHIRPath ends it: by default the parser would guess and go on."""

    def syntaxError(self, recognizer: Any, symbol: Any, line: int, column: int, message: str, error: Any) -> None:  # noqa: N802
        raise Unusable(f"at character {column + 1}: {message.partition(' expecting ')[0]}")


def nesting(expression: str) -> int:
    depth = deepest = 0
    for character in expression:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def parse(expression: str) -> dict[str, Any]:
    """The tree of an expression; `Unusable` when it is not FHIRPath, too long or too deep."""
    tree, refusal = _parsed(expression)
    if tree is None:
        raise Unusable(refusal)
    return tree


@lru_cache(maxsize=2_000)
def _parsed(expression: str) -> tuple[dict[str, Any] | None, str]:
    """Remembers refusals too: to find them takes longest."""
    if len(expression) > MAX_CHARACTERS or nesting(expression) > MAX_NESTING:
        return None, "too long or too deep"
    try:
        with _Refused():
            return _tree(expression), ""
    except Unusable as refusal:
        return None, str(refusal)


def _tree(expression: str) -> dict[str, Any]:
    lexer = FHIRPathLexer(InputStream(expression))
    tokens = CommonTokenStream(lexer)
    parser = FHIRPathParser(tokens)
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(_Strict())
    tokens.fill()
    if len(tokens.tokens) > MAX_TOKENS:
        raise Unusable("too long")
    tree, after = parser.expression(), parser.getCurrentToken()
    if after.type != after.EOF:
        raise Unusable(f"at character {after.column + 1}: what follows is not understood")
    listener = ASTPathListener()
    ParseTreeWalker().walk(listener, tree)
    root: dict[str, Any] = listener.parentStack[0]["children"][0]
    return root


def check(expression: str) -> None:
    """`Unusable` when nobody could ever evaluate it: not FHIRPath, or a function that does not exist."""
    unknown = sorted(functions(parse(expression)) - set(FUNCTIONS))
    if unknown:
        raise Unusable(f"unknown function: {', '.join(unknown)}")


def functions(tree: dict[str, Any]) -> set[str]:
    """The names of the functions that are called in an expression."""
    found, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        if node.get("type") == "Functn":
            found.add(node["children"][0].get("text", ""))
        waiting += node.get("children", [])
    return found


# Evaluating -------------------------------------------------------------------------------------


class _Variables(dict[str, Any]):
    """Lists are handed out as copies: the library turns a number's sign in the list that it was given."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return list(value) if isinstance(value, list) else value


def evaluate(expression: str, environment: Mapping[str, Any], *, now: datetime | None = None) -> list[Any]:
    """The collection that an expression comes to: plain JSON values, numbers as int or Decimal, dates as text.

    `environment` maps %names to JSON values or lists of them (`resource`, `context`, `questionnaire`, `qitem`,
    `patient` and the form's variables). A path without % starts at `context`, or else at `resource`.
    `now` is the reader's clock, for `now()` and `today()`.
    """
    tree = parse(expression)
    known = _Variables(CONSTANTS)
    for name, value in environment.items():
        known[name] = [_placed(name, each) for each in value] if isinstance(value, list) else _placed(name, value)
    root = known.get("context", known.get("resource"))
    known.setdefault("context", root)
    start = root if isinstance(root, list) else [] if root is None else [root]
    context = {
        "dataRoot": start,
        "vars": known,
        "model": models["r4"],
        "userInvocationTable": FUNCTIONS,
        "ends": time.monotonic() + SECONDS,
        "now": now,
    }
    with _Refused():
        constants.reset()
        return [_plain(value) for value in _bounded_list(do_eval(context, start, tree)) if _counts(value)]


def truth(result: list[Any]) -> bool | None:
    """What a condition says: true, false, or nothing. A single value that is not a boolean is true (FHIRPath, 4.5)."""
    if len(result) != 1:
        return None if not result else True
    return result[0] if isinstance(result[0], bool) else True


def _placed(name: str, value: Any) -> Any:
    """An element without `resourceType` is told where it stands, so that `value` finds `valueCoding`."""
    if name in PATHS and isinstance(value, dict) and "resourceType" not in value:
        return ResourceNode.create_node(value, PATHS[name])
    return value


def _counts(value: Any) -> bool:
    """Extensions of a value that is not there are no value."""
    data = get_data(value)
    return data is not None and not (isinstance(data, dict) and list(data) == ["extension"])


def _plain(value: Any) -> Any:
    data = get_data(value)
    if isinstance(data, FP_Quantity):
        return {"value": data.value, "unit": str(data.unit or "").strip("'")}
    return str(data) if isinstance(data, FP_TimeBase) else data


# Bounds -----------------------------------------------------------------------------------------


def _bounded_list(result: Any) -> list[Any]:
    values = result if isinstance(result, list) else [result]
    if len(values) > MAX_RESULTS:
        raise Unusable("too many values")
    for value in values:
        _bounded(value)
    return values


def _bounded(value: Any) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise Unusable("too long a text")
    if isinstance(value, int | Decimal) and Decimal(value).copy_abs() > MAX_NUMBER:
        raise Unusable("too big a number")


def _in_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every function and operator looks at the clock, and at the size of what it gives."""

    @wraps(function)
    def bounded(context: dict[str, Any], *arguments: Any) -> Any:
        if time.monotonic() > context["ends"]:
            raise Unusable("takes too long")
        result = function(context, *arguments)
        _bounded_list(result)
        return result

    return bounded


LIBRARY: dict[str, Any] = {**invocation_registry}


# Functions of our own ---------------------------------------------------------------------------


def _text(values: list[Any]) -> str:
    text = get_data(values[0]) if len(values) == 1 else None
    if not isinstance(text, str):
        raise Unusable("one text is expected")
    return text


def _matches(_context: dict[str, Any], values: list[Any], pattern: str) -> bool:
    return bool(regex.search(pattern, _text(values), regex.DOTALL, timeout=PATTERN_SECONDS))


def _replace_matches(_context: dict[str, Any], values: list[Any], pattern: str, replacement: str) -> str:
    python = regex.sub(r"\$(\d+)", r"\\\1", replacement.replace("\\", "\\\\"))
    return regex.sub(pattern, python, _text(values), timeout=PATTERN_SECONDS)


def _repeat(context: dict[str, Any], values: list[Any], step: Callable[[Any], list[Any]]) -> list[Any]:
    """What `step` gives of each, and of what it gave: a value that was there before is not taken again."""
    found: list[Any] = []
    seen: set[str] = set()
    waiting = list(values)
    for value in waiting:
        if time.monotonic() > context["ends"] or len(found) > MAX_RESULTS:
            raise Unusable("repeats without an end")
        for each in step(value):
            if (key := _identity(each)) not in seen:
                seen.add(key)
                found.append(each)
                waiting.append(each)
    return found


def _identity(value: Any) -> str:
    """The same element of a resource, or the same value when it was computed."""
    if isinstance(value, ResourceNode):
        return f"{value.propName}@{id(value.data)}"
    _bounded(value)
    return f"{type(value).__name__}:{value}"


def _power(_context: dict[str, Any], values: list[Any], exponent: Any) -> Any:
    if abs(exponent) > MAX_EXPONENT:
        raise Unusable("too big a number")
    return LIBRARY["power"]["fn"](_context, values, exponent)


def _numbers(values: list[Any]) -> list[Any]:
    """The library adds up elements of a resource only where they were computed."""
    return [get_data(value) for value in values]


def _sum(_context: dict[str, Any], values: list[Any]) -> Any:
    return sum(_numbers(values))


def _average(_context: dict[str, Any], values: list[Any]) -> Any:
    return sum(map(Decimal, _numbers(values)), Decimal(0)) / len(values) if values else []


def _least(_context: dict[str, Any], values: list[Any]) -> Any:
    return min(_numbers(values)) if values else []


def _most(_context: dict[str, Any], values: list[Any]) -> Any:
    return max(_numbers(values)) if values else []


def _has_value(_context: dict[str, Any], values: list[Any]) -> bool:
    """FHIR's own: one primitive value, and not only extensions of it."""
    return len(values) == 1 and not isinstance(get_data(values[0]), dict | list | None)


def _get_value(context: dict[str, Any], values: list[Any]) -> list[Any]:
    return values if _has_value(context, values) else []


def _quietly(_context: dict[str, Any], values: list[Any], *_label: str) -> list[Any]:
    """`trace` would print answers to the server's output."""
    return values


def _clock(context: dict[str, Any]) -> datetime:
    return context["now"] or datetime.now().astimezone()


def _now(context: dict[str, Any], _values: list[Any]) -> str:
    return str(FP_DateTime(_clock(context).isoformat(timespec="milliseconds")))


def _today(context: dict[str, Any], _values: list[Any]) -> str:
    return _clock(context).date().isoformat()


def _time_of_day(context: dict[str, Any], _values: list[Any]) -> str:
    return _clock(context).time().isoformat(timespec="milliseconds")


def _weight(context: dict[str, Any], values: list[Any]) -> list[Decimal]:
    known = context["vars"]
    where = {name: get_data(known.get(name)) for name in ("resource", "context", "questionnaire")}
    found = (weights.weight(get_data(value), getattr(value, "propName", None), where) for value in values)
    return [number for number in found if number is not None]


def _table() -> dict[str, dict[str, Any]]:
    ours: dict[str, dict[str, Any]] = {
        "matches": {"fn": _matches, "arity": {1: ["String"]}, "nullable_input": True},
        "replaceMatches": {"fn": _replace_matches, "arity": {2: ["String", "String"]}, "nullable_input": True},
        "repeat": {"fn": _repeat, "arity": {1: ["Expr"]}},
        "power": {"fn": _power, "arity": {1: ["Number"]}, "nullable": True},
        "trace": {"fn": _quietly, "arity": {0: [], 1: ["String"]}},
        "sum": {"fn": _sum},
        "avg": {"fn": _average},
        "min": {"fn": _least},
        "max": {"fn": _most},
        "hasValue": {"fn": _has_value},
        "getValue": {"fn": _get_value},
        "now": {"fn": _now},
        "today": {"fn": _today},
        "timeOfDay": {"fn": _time_of_day},
        "weight": {"fn": _weight},
        "ordinal": {"fn": _weight},
    }
    return {name: {**entry, "fn": _in_time(entry["fn"])} for name, entry in {**LIBRARY, **ours}.items()}


FUNCTIONS = _table()
