"""When an item is shown: rows of question, operator and answer, as a page shows and posts them (R4 enableWhen)."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from forms_app.building.elements import UNIT, UNIT_OPTION, Element, extensions, objects, value, valued
from forms_app.building.naming import link_ids
from forms_app.building.numbers import number, plain
from forms_app.building.options import same_value
from forms_app.building.tree import Item, Resource, find, is_part, places, with_conditions

# What a page says for `exists` with false is an operator of its own there.
MISSING = "missing"
OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "exists", MISSING)
ORDERED = {"integer", "decimal", "quantity", "date", "dateTime", "time"}
# Types that have no answer to compare with in a condition (R4 enableWhen.answer[x]).
INCOMPARABLE = {"attachment"}

ANSWERS = {
    "boolean": "answerBoolean",
    "decimal": "answerDecimal",
    "integer": "answerInteger",
    "date": "answerDate",
    "dateTime": "answerDateTime",
    "time": "answerTime",
    "quantity": "answerQuantity",
}


@dataclass(frozen=True)
class Row:
    """One condition. `answer` is what the page posts: an option's place, "true", a number or a text as typed.

    `was` is its place among the conditions that the item has now; None for a new one. An answer that the page
    cannot say (an option that is not offered any more) stands as None, and stays as it is unless it is changed.
    """

    question: str
    operator: str
    answer: str | None = ""
    was: int | None = None


def operators_for(question: Item) -> tuple[str, ...]:
    if question.get("type") in INCOMPARABLE:
        return ("exists", MISSING)
    return OPERATORS if question.get("type") in ORDERED else ("=", "!=", "exists", MISSING)


def askable(resource: Resource, link_id: str) -> list[Item]:
    """The questions that a condition of this item may name: any but itself and what stands below it."""
    own = set(link_ids(find(resource, link_id)))
    return [place.item for place in places(resource) if _is_question(place.item) and place.link_id not in own]


def _is_question(item: Item) -> bool:
    return item.get("type") not in {"group", "display"} and not is_part(item)


def condition_rows(resource: Resource, item: Item) -> list[Row]:
    questions = {place.link_id: place.item for place in places(resource)}
    return [
        _row(condition, questions.get(str(condition.get("question")), {}), place)
        for place, condition in enumerate(objects(item, "enableWhen"))
    ]


def _row(condition: Element, question: Item, place: int) -> Row:
    operator, answer = str(condition.get("operator", "")), _answer(condition)
    if operator == "exists":
        return Row(str(condition.get("question")), operator if answer is not False else MISSING, "", place)
    return Row(str(condition.get("question")), operator, _posted(question, answer), place)


def _answer(condition: Element) -> Any:
    return next((condition[name] for name in condition if name.startswith("answer")), None)


def _posted(question: Item, answer: Any) -> str | None:
    """An answer as the page posts it."""
    options = objects(question, "answerOption")
    if options:
        found = (str(place) for place, each in enumerate(options) if same_value(valued(each)[1], answer))
        return next(found, None)
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, dict):
        return plain(answer.get("value")) or None
    return answer if isinstance(answer, str) else plain(answer) or None


# Writing ---------------------------------------------------------------------------------------


def set_conditions(resource: Resource, link_id: str, rows: list[Row], behavior: str) -> Resource:
    """The conditions as the rows say; `behavior` is "any" or "all". Rows that did not change keep their JSON.

    Raises ValueError for an answer that its question cannot have, NoSuchItem.
    """
    changed = deepcopy(resource)
    item = find(changed, link_id)
    known, before = objects(item, "enableWhen"), condition_rows(changed, item)
    made = [_made(changed, row, known, before) for row in rows]
    with_conditions(item, made)
    if len(made) > 1 and (item.get("enableBehavior") or behavior != "any" or len(known) < 2):
        item["enableBehavior"] = behavior
    return changed


def _made(resource: Resource, row: Row, known: list[Element], before: list[Row]) -> Element:
    if row.was is not None and row.was < len(known) and row == before[row.was]:
        return known[row.was]
    return {"question": row.question, **operated(find(resource, row.question), row)}


def operated(question: Item, row: Row) -> Element:
    """Operator and answer of a condition in FHIR. Raises ValueError."""
    if row.operator in {"exists", MISSING}:
        return {"operator": "exists", "answerBoolean": row.operator == "exists"}
    name, answer = _typed(question, row.answer or "")
    return {"operator": row.operator, name: answer}


def _typed(question: Item, answer: str) -> tuple[str, Any]:
    options = objects(question, "answerOption")
    if options:
        return _chosen(options, answer)
    said = str(question.get("type"))
    if not answer:
        raise ValueError(answer)
    if said == "boolean":
        return "answerBoolean", {"true": True, "false": False}[answer]
    if said in {"decimal", "integer"}:
        return ANSWERS[said], number(answer)
    if said == "quantity":
        return "answerQuantity", {"value": number(answer), **_unit(question)}
    return ANSWERS.get(said, "answerString"), answer


def _chosen(options: list[Element], answer: str) -> tuple[str, Any]:
    if not answer.isdecimal() or int(answer) >= len(options):
        raise ValueError(answer)
    name, found = valued(options[int(answer)])
    bare = (
        {each: found[each] for each in ("system", "code", "display") if each in found}
        if isinstance(found, dict)
        else found
    )
    return name.replace("value", "answer", 1), bare


def _unit(question: Item) -> Element:
    """A number means the question's own unit; of several, the first."""
    coding = value(question, UNIT) or next((valued(each)[1] for each in extensions(question, UNIT_OPTION)), None)
    if not isinstance(coding, dict):
        return {}
    words = {
        "unit": coding.get("display", coding.get("code")),
        "system": coding.get("system"),
        "code": coding.get("code"),
    }
    return {name: said for name, said in words.items() if said}
