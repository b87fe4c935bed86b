"""Words that the mails about appointments share."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.simple_tag
def whose(person: str, count: int = 1) -> str:
    """The appointment, or the first of several, as the beginning of a sentence; `person` only where a login has
    to do with more than one."""
    if person:
        words = ngettext("{person}’s appointment", "The first of {person}’s {count} appointments", count)
    else:
        words = ngettext("Your appointment", "The first of your {count} appointments", count)
    return words.format(person=person, count=count)


@register.simple_tag
def whose_all(person: str, count: int) -> str:
    """Several appointments, as the beginning of a sentence."""
    words = _("{person}’s {count} appointments") if person else _("{count} of your appointments")
    return words.format(person=person, count=count)
