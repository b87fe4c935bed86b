"""What an answer has to keep to, said before anybody gets it wrong."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_app import saying
from forms_app.answers.items import Item, Value

ROOMY = {"string": 30, "text": 300}
NUMBERS = {"integer", "decimal", "quantity"}


def of(item: Item) -> list[str]:
    said = [item.help, item.prompt, _range(item), _length(item), _digits(item), _form(item), _how_many(item)]
    return [words for words in said if words]


def _range(item: Item) -> str:
    least, most = _limit(item.limits.min_value), _limit(item.limits.max_value)
    if least and most:
        return _("Between {least} and {most}.").format(least=_end(least, item.lower), most=_end(most, item.upper))
    if least:
        words = _("{least} or more.") if item.type in NUMBERS else _("Not before {least}.")
        return words.format(least=least)
    if most:
        words = _("{most} at most.") if item.type in NUMBERS else _("Not after {most}.")
        return words.format(most=most)
    return ""


def _end(limit: str, words: str) -> str:
    """The end of a scale, with what it stands for."""
    return f"{limit} ({words})" if words else limit


def _limit(value: Value | None) -> str:
    return saying.answer({value[0]: value[1]}) if value else ""


def _length(item: Item) -> str:
    """Said only where people may well come to it: they do not count a line for their name."""
    most = item.limits.max_length
    if not most or most >= ROOMY.get(item.type, 0):
        return ""
    return ngettext("One character at most.", "{count} characters at most.", most).format(count=most)


def _digits(item: Item) -> str:
    places = item.limits.max_decimal_places
    if not places or item.type not in {"decimal", "quantity"}:
        return ""
    return ngettext("One decimal place at most.", "{count} decimal places at most.", places).format(count=places)


def _form(item: Item) -> str:
    if item.type == "date" and item.control == "year":
        return _("The year, as in 2026.")
    if item.type == "date" and item.control == "yearMonth":
        return _("Year and month, as in 2026-11.")
    if item.type == "dateTime":
        return _("In your time zone: {zone}.").format(zone=timezone.get_current_timezone_name().replace("_", " "))
    return _("As in: {format}").format(format=item.placeholder) if item.placeholder else ""


def _how_many(item: Item) -> str:
    most = item.limits.max_occurs
    if not most or most < 2 or not item.repeats or item.type == "group":
        return ""
    return _("{count} answers at most.").format(count=most)
