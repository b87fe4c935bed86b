"""What is wrong with conditions (enableWhen): questions that are not there, loops, answers that never come."""

from collections.abc import Iterator
from typing import Any

from forms_app.answers.compare import is_same_coding
from forms_app.answers.placed import Finding, Form, Placed, numbered, text, values

OPERATORS = {"exists", "=", "!=", ">", "<", ">=", "<="}
# Loops that are told: each is looked for on its own.
MAX_LOOPS = 50
# Which answer[x] can ever equal an answer to a question of this type.
COMPARABLE = {
    "boolean": {"Boolean"},
    "decimal": {"Decimal", "Integer"},
    "integer": {"Integer", "Decimal"},
    "date": {"Date", "DateTime"},
    "dateTime": {"DateTime", "Date"},
    "time": {"Time"},
    "string": {"String"},
    "text": {"String"},
    "url": {"String", "Uri"},
    "choice": {"Coding", "String", "Integer", "Date", "Time"},
    "open-choice": {"Coding", "String", "Integer", "Date", "Time"},
    "quantity": {"Quantity"},
    "reference": {"Reference"},
}


def findings(form: Form, placed: Placed, loops: dict[str, list[str]]) -> Iterator[Finding]:
    conditions = numbered(placed.item, "enableWhen")
    for index, condition in conditions:
        path = f"{placed.path}.enableWhen[{index}]"
        yield from _question(placed, condition, form.known, f"{path}.question")
        yield from _operator(condition, path)
        asked = form.known.get(text(condition, "question"))
        if asked is not None and text(condition, "operator") != "exists":
            yield from _answer(form, asked, condition, path)
    if placed.link_id in loops:
        yield f"{placed.path}.enableWhen", "condition_loop", {"items": " → ".join(loops[placed.link_id])[:300]}
    yield from _behavior(placed, len(conditions))


def _behavior(placed: Placed, count: int) -> Iterator[Finding]:
    where = f"{placed.path}.enableBehavior"
    behavior = placed.item.get("enableBehavior")
    if behavior is None and count > 1:
        yield where, "behavior_missing", {}
    elif isinstance(behavior, str) and behavior not in {"any", "all"}:
        yield where, "behavior_unknown", {"behavior": behavior[:100]}


def _question(placed: Placed, condition: dict[str, Any], known: dict[str, Placed], path: str) -> Iterator[Finding]:
    question = text(condition, "question")
    asked = known.get(question)
    if not question:
        yield path, "condition_without_question", {}
    elif asked is None:
        yield path, "condition_on_unknown", {"question": question[:255]}
    elif question == placed.link_id:
        yield path, "condition_on_itself", {}
    elif any(above.link_id == placed.link_id for above in asked.above()):
        yield path, "condition_on_own_part", {"question": question[:255]}
    elif asked.type in {"group", "display"}:
        yield path, "condition_on_no_question", {"question": question[:255]}


def _operator(condition: dict[str, Any], path: str) -> Iterator[Finding]:
    operator, answers = text(condition, "operator"), values(condition, "answer")
    if not operator:
        yield f"{path}.operator", "operator_missing", {}
    elif operator not in OPERATORS:
        yield f"{path}.operator", "operator_unknown", {"operator": operator[:100]}
    if not answers:
        yield f"{path}.answer[x]", "condition_without_answer", {}
    elif len(answers) > 1:
        yield f"{path}.answer[x]", "several_values", {"names": ", ".join(answers)[:200]}
    elif operator == "exists" and answers != ["answerBoolean"]:
        yield f"{path}.{answers[0]}", "exists_without_boolean", {}


def _answer(form: Form, asked: Placed, condition: dict[str, Any], path: str) -> Iterator[Finding]:
    """An answer that the question never has: of another type, or none of its options."""
    for name in values(condition, "answer")[:1]:
        where = f"{path}.{name}"
        if asked.type in COMPARABLE and name.removeprefix("answer") not in COMPARABLE[asked.type]:
            yield where, "condition_of_other_type", {"question": asked.link_id[:255], "type": asked.type}
        elif asked.type == "choice" and name == "answerCoding" and _is_no_option(form, asked, condition[name]):
            yield where, "condition_unknown_option", {"question": asked.link_id[:255]}


def _is_no_option(form: Form, asked: Placed, coding: Any) -> bool:
    options = [option.value[1] for option in form.options(asked) if option.value[0] == "valueCoding"]
    if not options or not isinstance(coding, dict):
        return False
    return not any(is_same_coding(coding, option) for option in options)


# Loops ------------------------------------------------------------------------------------------


def loops(form: Form) -> dict[str, list[str]]:
    """Items that in the end depend on themselves: linkId → the way around.

    An item depends on the questions of its conditions, and on what it is part of. Its own parts and itself are said
    elsewhere, in better words.
    """
    edges = {link_id: _depends_on(each, form.known) for link_id, each in form.known.items()}
    asking = [link_id for link_id in _undecided(edges) if numbered(form.known[link_id].item, "enableWhen")]
    ways = {link_id: _way_around(link_id, edges) for link_id in asking[:MAX_LOOPS]}
    return {link_id: way for link_id, way in ways.items() if len(way) > 2}


def _depends_on(placed: Placed, known: dict[str, Placed]) -> list[str]:
    asked = (text(condition, "question") for _, condition in numbered(placed.item, "enableWhen"))
    of_conditions = [
        link_id
        for link_id in asked
        if link_id in known and placed.link_id not in {link_id, *(above.link_id for above in known[link_id].above())}
    ]
    above = [placed.parent.link_id] if placed.parent is not None else []
    return [*of_conditions, *above]


def _undecided(edges: dict[str, list[str]]) -> list[str]:
    """What is left when all that depends on nothing undecided has been decided, again and again."""
    waiting_for = {link_id: set(needed) & set(edges) for link_id, needed in edges.items()}
    needed_by: dict[str, list[str]] = {}
    for link_id, needed in waiting_for.items():
        for each in needed:
            needed_by.setdefault(each, []).append(link_id)
    ready = [link_id for link_id, needed in waiting_for.items() if not needed]
    while ready:
        decided = ready.pop()
        for each in needed_by.get(decided, []):
            waiting_for[each].discard(decided)
            if not waiting_for[each]:
                ready.append(each)
    return [link_id for link_id, needed in waiting_for.items() if needed]


def _way_around(start: str, edges: dict[str, list[str]]) -> list[str]:
    """The shortest way from an item back to itself; empty when there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for link_id in waiting:
        for needed in edges.get(link_id, []):
            if needed == start:
                return _trace(start, link_id, came_from)
            if needed not in came_from:
                came_from[needed] = link_id
                waiting.append(needed)
    return []


def _trace(start: str, last: str, came_from: dict[str, str]) -> list[str]:
    way = [start, last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return list(reversed(way))
