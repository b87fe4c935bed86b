"""The few components that pages are made of; each has its markup in templates/components/."""

from typing import Any

from django import forms, template
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.pictures import face_of

register = template.Library()

ROUND_OR_SQUARE = (forms.RadioSelect, forms.CheckboxSelectMultiple)
NOTICE_TONES = {"success": "ok", "warning": "warn", "error": "error"}
NOTICE_ICONS = {"info": "info", "ok": "check", "warn": "alert", "error": "alert"}


def _render(name: str, context: dict[str, Any]) -> SafeString:
    # Stripped, because the line end of the file would be a space before a following full stop.
    return SafeString(render_to_string(name, context).strip())


@register.simple_tag
def icon(name: str, *, flip: bool = False) -> SafeString:
    """A decorative picture from img/icons.svg; `flip` mirrors arrows in right-to-left scripts."""
    return _render("components/icon.html", {"name": name, "flip": flip})


@register.simple_tag
def art(name: str) -> SafeString:
    """A line drawing from img/art.svg, for empty states and error pages."""
    return _render("components/art.html", {"name": name})


@register.simple_tag
def field(bound: forms.BoundField, *, mark: bool = True) -> SafeString:
    """Label, help, errors and input of one form field, tied together for assistive technology.

    `mark=False` leaves out the word "required" or "optional" where it would be noise (sign-in).
    """
    context = {
        "field": bound,
        "kind": field_kind(bound),
        "mark": mark and not bound.field.disabled,
        "described_by": bound.aria_describedby,
    }
    return _render("components/field.html", context)


def field_kind(bound: forms.BoundField) -> str:
    """Which of the field templates' shapes fits the widget."""
    widget = bound.field.widget
    if isinstance(widget, forms.PasswordInput):
        return "password"
    if isinstance(widget, ROUND_OR_SQUARE):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "group" if bound.use_fieldset else "input"


@register.simple_tag
def form_fields(form: forms.BaseForm) -> SafeString:
    """All fields of a form, the hidden ones included."""
    return _render("components/form_fields.html", {"form": form})


@register.simple_tag
def error_summary(*all_forms: forms.BaseForm) -> SafeString:
    """What is wrong with one or more forms, with a link to each field; nothing when all is well."""
    wrong = [form for form in all_forms if form.is_bound and form.errors]
    return _render("components/error_summary.html", {"forms": wrong}) if wrong else SafeString("")


@register.filter
def first_input(bound: forms.BoundField) -> str:
    """The id a link must name to land on the field: groups of choices have one id per choice."""
    if isinstance(bound.field.widget, ROUND_OR_SQUARE):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


@register.filter
def tone(level_tag: str) -> str:
    """The notice tone for a level of Django's messages."""
    return NOTICE_TONES.get(level_tag, "info")


@register.simple_tag
def face(client: Any) -> SafeString:
    """A client's picture, or their initials."""
    return _render("components/avatar.html", {"name": client.name, "picture": face_of(client)})


@register.filter
def initials(name: str) -> str:
    """One or two letters to stand for a person without a picture."""
    words = str(name).split()
    first_and_last = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in first_and_last).upper()


@register.simple_tag
def phone(number: str) -> SafeString:
    """A number that a tap calls."""
    return _render("components/phone.html", {"number": number})


@register.filter
def dialable(number: str) -> str:
    """A phone number as a tel: address takes it (RFC 3966): digits, and a leading plus."""
    digits = "".join(ch for ch in number if ch.isdecimal())
    return f"+{digits}" if number.strip().startswith("+") else digits


@register.simple_block_tag
def button(
    content: str, *, kind: str = "primary", type: str = "submit", href: str = "", **attributes: Any
) -> SafeString:
    """A button, or with `href` a link that looks like one.

    Further attributes are passed on; `data_x="1"` becomes `data-x="1"`, True is a bare attribute.
    """
    classes = f"{kind} {attributes.pop('class', '')}".strip()
    passed_on = flatatt({name.replace("_", "-"): value for name, value in attributes.items()})
    context = {"content": content, "kind": classes, "type": type, "href": href, "rest": passed_on}
    return _render("components/button.html", context)


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    id: str = "",
    count: int | None = None,
    more: str = "",
    href: str = "",
    whole: bool = False,
) -> SafeString:
    """A surface with a heading; `more` with `href` is the link beside it, `whole` spans a board."""
    context = {
        "content": content,
        "title": title,
        "id": id,
        "count": count,
        "more": more,
        "href": href,
        "whole": whole,
    }
    return _render("components/card.html", context)


@register.simple_block_tag
def badge(content: str, *, tone: str = "info") -> SafeString:
    """A short state in words. Tones: due, ok, info, muted."""
    return _render("components/badge.html", {"content": content, "tone": tone})


@register.simple_block_tag
def empty(content: str, *, title: str = "", art: str = "", large: bool = False) -> SafeString:
    """What stands where nothing is yet, saying what happens next."""
    context = {"content": content, "title": title, "art": art, "large": large}
    return _render("components/empty.html", context)


@register.simple_block_tag
def notice(content: str, *, tone: str = "info", title: str = "", role: str = "") -> SafeString:
    """A remark beside the text. Tones: info, ok, warn, error."""
    context = {
        "content": content,
        "tone": tone,
        "title": title,
        "role": role,
        "icon_name": NOTICE_ICONS[tone],
    }
    return _render("components/notice.html", context)


@register.simple_block_tag
def dialog(content: str, *, id: str, title: str) -> SafeString:
    """A modal dialog; a button with `commandfor=id command="show-modal"` opens it."""
    context = {"content": content, "id": id, "title": title}
    return _render("components/dialog.html", context)


@register.simple_block_tag
def table(content: str, *, caption: str) -> SafeString:
    """A table that scrolls by itself on narrow screens; the content is its thead and tbody."""
    return _render("components/table.html", {"content": content, "caption": caption})
