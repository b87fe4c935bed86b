"""Components of the staff's pages."""

from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag(takes_context=True)
def press(
    context: Any, content: str, model: str, row: Any, word: str, *, kind: str = "quiet", about: object = ""
) -> SafeString:
    """A button that does one verb to one row (`accounts_invitation`, the row, `revoke`) and comes back here.

    `about` tells those who hear the page which of many equal buttons this one is.
    """
    words = {
        "content": content,
        "url": reverse(f"admin:{model}_do", args=[row.pk, word]),
        "kind": kind,
        "about": about,
        "next": context["request"].path,
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("admin/components/press.html", words)


@register.filter
def of(known: dict[Any, Any], key: Any) -> Any:
    """What a dictionary holds for a key."""
    return known.get(key)


@register.simple_tag
def page_query(changelist: Any, number: int) -> str:
    """The address of another page of a list, with its words and filters."""
    query: str = changelist.get_query_string({PAGE_VAR: number})
    return query
