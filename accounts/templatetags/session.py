"""What every page says about its session: how long it lasts, and what was kept of the last one."""

import json
import time
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.template import Context
from django.utils.text import capfirst

from accounts import lifetime
from accounts.actions import kept_forms
from accounts.context import practice_of

register = template.Library()


@dataclass(frozen=True)
class Kept:
    """The text of one field, under the label that its owner knows."""

    name: str
    label: str
    values: list[str]


@register.inclusion_tag("components/session_ends.html", takes_context=True)
def session_ends(context: Context) -> dict[str, Any]:
    """The warning before sign-out; a script opens it."""
    request = context["request"]
    idle = practice_of(request).idle_minutes(request.user)
    left = lifetime.left(request.session, idle, time.time())
    return {"left": left, "idle": idle * 60, "user": request.user, "csrf_token": context["csrf_token"]}


@register.inclusion_tag("components/kept.html", takes_context=True)
def kept(context: Context) -> dict[str, Any]:
    """What was typed on this page before its session ended."""
    request = context.get("request")
    if request is None or request.path not in getattr(request, "session", {}).get(kept_forms.PAGES, []):
        return {}
    row = request.user.kept_forms.filter(path=request.path).first() if request.user.is_authenticated else None
    typed = json.loads(row.fields) if row else {}
    form = _form(context)
    fields = [Kept(name, _label(form, name), values) for name, values in typed.items() if not _is_hidden(form, name)]
    return {"fields": fields, "csrf_token": context["csrf_token"]}


def _form(context: Context) -> forms.BaseForm | None:
    form = context.get("form") or getattr(context.get("adminform"), "form", None)
    return form if isinstance(form, forms.BaseForm) else None


def _label(form: forms.BaseForm | None, name: str) -> str:
    if form and name in form.fields:
        return str(form[name].label)
    return capfirst(name.replace("_", " ").replace("-", " "))


def _is_hidden(form: forms.BaseForm | None, name: str) -> bool:
    return bool(form and name in form.fields and form[name].is_hidden)
