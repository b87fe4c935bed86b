"""What templates/forms_app/questions.html needs."""

from collections.abc import Iterable
from typing import Any

from django import template

from forms_app.answers import Node
from forms_app.asking import Sheet, asked_of

register = template.Library()


@register.simple_tag
def asked(nodes: Iterable[Node], sheet: Any = "", level: Any = "") -> list[Any]:
    """The nodes as a page asks them. Without a `sheet` as in a preview; `level` of the headings, 2 by itself."""
    return list(asked_of(nodes, sheet or Sheet(), level or 2))
