"""The state machines of all apps, drawn from the tables by which rows move."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings

HEAD = """\
# States

Every row that has a state, and the moves that it knows; any other is refused. The tables stand with the models
(`TRANSITIONS`); `manage.py states --write` draws them here, and a test holds this page to them.
"""


def machines() -> Iterator[Any]:
    """The models of our apps that know how to move, by app and name."""
    for app in sorted(apps.get_app_configs(), key=lambda config: config.label):
        if app.path.startswith(str(settings.BASE_DIR)):
            found = [model for model in app.get_models() if hasattr(model, "TRANSITIONS")]
            yield from sorted(found, key=lambda model: model.__name__)


def page() -> str:
    """All of them, as Markdown with Mermaid's drawings."""
    return "\n".join([HEAD, *(section(model) for model in machines())])


def section(model: Any) -> str:
    purpose = model.__doc__.partition("\n\n")[0]
    return f"## {model._meta.label}\n\n{purpose}\n\n```mermaid\n{drawing(model)}\n```\n"


def drawing(model: Any) -> str:
    """From its first state on; a state that knows no move is an end."""
    states: list[str] = model.Status.values
    first = _name(model._meta.get_field("status").get_default())
    lines = ["stateDiagram-v2", *_names(states), f"    [*] --> {first}"]
    for state in states:
        moves = [each for each in states if each in model.TRANSITIONS[state]]
        lines += [f"    {_name(state)} --> {_name(each)}" for each in moves] or [f"    {_name(state)} --> [*]"]
    return "\n".join(lines)


def _names(states: list[str]) -> list[str]:
    """Mermaid takes a hyphen for a part of an arrow: such a state is drawn under its own name all the same."""
    return [f'    state "{state}" as {_name(state)}' for state in states if state != _name(state)]


def _name(state: str) -> str:
    return state.replace("-", "_")
