"""FHIRPath as questionnaires use it: totals, constraints, conditions and prefill, in bounded time and space.

Expressions come with imported forms, so whatever they do ends soon: an expression that is malformed, too long, too slow
or too big is `Unusable`, and nothing else is ever raised. The functions `weight()` and `ordinal()` are those of SDC.
"""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Any

from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker
from antlr4.error.ErrorListener import ErrorListener
from fhirpathpy.engine import do_eval
from fhirpathpy.engine.invocations.constants import constants
from fhirpathpy.engine.nodes import FP_Quantity, FP_TimeBase, ResourceNode
from fhirpathpy.engine.util import get_data
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from forms_app.answers.functions import FUNCTIONS, Unusable, bounded

__all__ = ["Unusable", "check", "evaluate", "names", "parse", "truth"]

MAX_CHARACTERS = 5_000
MAX_NESTING = 40
MAX_TOKENS = 1_500
SECONDS = 1.0

# A path from the root of the response, wherever it is evaluated.
FROM_THE_ROOT = re.compile(r"(?<![\w.%'`\"/])QuestionnaireResponse(?=\s*\.)")
# What stands in the environment without a `resourceType` of its own, and where it stands in FHIR.
PATHS = {"context": "QuestionnaireResponse.item", "qitem": "Questionnaire.item", "qItem": "Questionnaire.item"}
# Nobody may override these, and they are known in any expression.
CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


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
    lexer = FHIRPathLexer(InputStream(FROM_THE_ROOT.sub("%resource", expression)))
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
    for node in _walk(root):
        if node.get("type") == "ExternalConstant" and "children" not in node:
            # %'name', which the library reads and does not evaluate.
            node["children"] = [{"type": "Identifier", "text": node["terminalNodeText"][-1].strip("'")}]
    return root


def check(expression: str) -> None:
    """`Unusable` when nobody could ever evaluate it: not FHIRPath, or a function that does not exist."""
    called = {node["children"][0].get("text", "") for node in _walk(parse(expression)) if node.get("type") == "Functn"}
    if unknown := sorted(called - set(FUNCTIONS)):
        raise Unusable(f"unknown function: {', '.join(unknown)}")


def names(expression: str) -> set[str]:
    """The %names that an expression looks at, without those that are known everywhere."""
    terms = [node for node in _walk(parse(expression)) if node.get("type") == "ExternalConstantTerm"]
    found = {term["children"][0]["children"][0].get("text", "").strip("`\"'") for term in terms}
    return found - set(CONSTANTS)


def _walk(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("children", [])


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
        return [_plain(value) for value in bounded(do_eval(context, start, tree)) if _counts(value)]


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
