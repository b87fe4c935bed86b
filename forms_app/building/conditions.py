"""When an item is shown: rows of question, operator and answer, as a page shows and posts them (R4 enableWhen)."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from forms_app import answers
from forms_app.answers import typed
from forms_app.building.elements import UNIT, UNIT_OPTION, Element, extensions, objects, value, valued
from forms_app.building.naming import link_ids
from forms_app.building.numbers import number, plain
from forms_app.building.options import same_value
from forms_app.building.tree import Item, NoSuchItem, Resource, find, is_part, places, with_conditions

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


class Index:
    """The items of a form by their linkId, with the answers that each offers."""

    def __init__(self, resource: Resource) -> None:
        self._contained = resource.get("contained", [])
        self.items = {place.link_id: place.item for place in places(resource)}

    def question(self, link_id: str) -> Item:
        """Nothing is asked by what is not there."""
        return self.items.get(link_id, {})

    def options(self, question: Item) -> list[Element]:
        """The answers to choose from, as elements with `value[x]`: the item's own, or those of its value set."""
        if "answerValueSet" not in question or "answerOption" in question:
            return objects(question, "answerOption")
        alone = {name: part for name, part in question.items() if name != "item"}
        read = answers.read({"resourceType": "Questionnaire", "contained": self._contained, "item": [alone]})
        return [{name: found} for item in read.items for name, found in [option.value for option in item.options]]


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


def condition_rows(index: Index, item: Item) -> list[Row]:
    return [_row(index, condition, place) for place, condition in enumerate(objects(item, "enableWhen"))]


def _row(index: Index, condition: Element, place: int) -> Row:
    asked, operator, answer = str(condition.get("question", "")), str(condition.get("operator", "")), _answer(condition)
    if operator == "exists":
        return Row(asked, operator if answer is not False else MISSING, "", place)
    return Row(asked, operator, _posted(index.options(index.question(asked)), answer), place)


def _answer(condition: Element) -> Any:
    return next((condition[name] for name in condition if name.startswith("answer")), None)


def _posted(options: list[Element], answer: Any) -> str | None:
    """An answer as the page posts it."""
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
    index, known = Index(changed), objects(item, "enableWhen")
    before = condition_rows(index, item)
    made = [_made(index, row, known, before) for row in rows]
    with_conditions(item, made)
    if len(made) > 1 and (item.get("enableBehavior") or behavior != "any" or len(known) < 2):
        item["enableBehavior"] = behavior
    return changed


def _made(index: Index, row: Row, known: list[Element], before: list[Row]) -> Element:
    if row.was is not None and row.was < len(known) and row == before[row.was]:
        return known[row.was]
    if row.question not in index.items:
        raise NoSuchItem(row.question)
    if row.operator in {"exists", MISSING}:
        return {"question": row.question, "operator": "exists", "answerBoolean": row.operator == "exists"}
    name, answer = _typed(index, index.items[row.question], row.answer or "")
    return {"question": row.question, "operator": row.operator, name: answer}


def _typed(index: Index, question: Item, answer: str) -> tuple[str, Any]:
    if options := index.options(question):
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
    if said == "time":
        return "answerTime", typed.time_of_day(answer)
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
