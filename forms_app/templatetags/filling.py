"""What templates/forms_app/questions.html needs."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from forms_app.answers import Node
from forms_app.asking import Asked, Sheet, asked_of

register = template.Library()


@register.simple_tag
def asked(nodes: Iterable[Node], sheet: Any = "", level: Any = "") -> list[Any]:
    """The nodes as a page asks them. Without a `sheet` as in a preview; `level` of the headings, 2 by itself."""
    return list(asked_of(nodes, sheet or Sheet(), level or 2))


@register.simple_tag
def described(q: Asked) -> SafeString:
    """The attributes of a field that say what else is read out with it, and that something is wrong there."""
    by = format_html(' aria-describedby="{}"', q.described_by) if q.described_by else ""
    return format_html("{}{}", by, SafeString(' aria-invalid="true"') if q.errors else "")
