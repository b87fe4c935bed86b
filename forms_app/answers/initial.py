"""What a form fills in by itself before anything is typed: initial values, options chosen at first, the profile."""

from typing import Any

from forms_app.answers import expressions
from forms_app.answers.items import Entries, Item, Questionnaire, Raw
from forms_app.answers.nodes import FIRST, key_of
from forms_app.answers.raws import WrongType, raw_of, raw_of_result
from forms_app.answers.surroundings import Environment, about, launch
from forms_app.answers.typed import Context


def initial(questionnaire: Questionnaire, context: Context | None = None) -> Entries:
    """The entries that a new draft starts with."""
    context = context or Context()
    environment = launch(questionnaire, context)
    environment["resource"] = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    for name, formula in questionnaire.variables:
        environment[name] = evaluated(formula, environment, context)
    return initial_of(questionnaire.items, (), context, environment)


def evaluated(formula: str, environment: Environment, context: Context) -> list[Any]:
    """What an expression comes to; nothing when it cannot be evaluated."""
    try:
        return expressions.evaluate(formula, environment, now=context.now.astimezone(context.zone))
    except expressions.Unusable:
        return []


def initial_of(
    items: tuple[Item, ...], path: tuple[str, ...], context: Context, environment: Environment | None = None
) -> Entries:
    """Those of some items and all below them, in the first instance of each group."""
    entries: Entries = {}
    for item in items:
        known = _with_variables(environment, item, context)
        raws = _raws(item, context, known) if item.is_question else []
        if raws:
            entries[key_of(item.link_id, path)] = raws if item.repeats else raws[:1]
        below = (*path, FIRST) if item.repeats else path
        entries |= initial_of(item.items, below, context, known)
    return entries


def _with_variables(environment: Environment | None, item: Item, context: Context) -> Environment | None:
    if environment is None or not item.variables:
        return environment
    known = dict(environment)
    for name, formula in item.variables:
        known[name] = evaluated(formula, known, context)
    return known


def _raws(item: Item, context: Context, environment: Environment | None) -> list[Raw]:
    """The expression counts before the fixed values: it knows who fills the form."""
    if item.initial_expression and environment is not None:
        results = evaluated(item.initial_expression, {**environment, **about(item)}, context)
        found = [raw_of_result(item, result, context) for result in results]
        if raws := [raw for raw in found if raw is not None]:
            return raws
    chosen: list[Raw] = [option.token for option in item.options if option.is_initial]
    return chosen or _fixed(item, context)


def _fixed(item: Item, context: Context) -> list[Raw]:
    raws: list[Raw] = []
    for value in item.initial:
        try:
            raws.append(raw_of(item, value, context))
        except WrongType:
            continue
    return raws
