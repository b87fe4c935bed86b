"""Many submitted forms as one table: a row each, a column for each question."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.archive import cell, moment
from forms_app import saying
from forms_app.answers.items import Item, Questionnaire
from forms_app.models import QuestionnaireResponse

BETWEEN = "; "


@dataclass(frozen=True)
class Column:
    """A question of a form, whatever the version: its `url` and the question's linkId."""

    url: str
    link_id: str
    heading: str


class Table:
    """`forms`: every version that is answered in it, as its url, its title and what it asks; the newest first."""

    def __init__(self, forms: Iterable[tuple[str, str, Questionnaire]]) -> None:
        self.items: dict[str, dict[str, Item]] = {}
        titles: dict[str, str] = {}
        for url, title, questionnaire in forms:
            titles.setdefault(url, title)
            known = self.items.setdefault(url, {})
            for item in questionnaire.walk():
                if item.is_question:
                    known.setdefault(item.link_id, item)
        self.items = {url: self.items[url] for url in sorted(self.items, key=lambda url: titles[url].casefold())}
        self.columns = list(_columns(self.items, titles if len(titles) > 1 else {}))

    def head(self) -> list[str]:
        known = [_("Client"), _("Form"), _("Version"), _("Submitted"), _("Submitted by"), _("State")]
        return list(map(cell, [*known, *(column.heading for column in self.columns)]))

    def row(self, response: QuestionnaireResponse, state: str) -> list[str]:
        """Safe against formulas: whatever somebody typed, a spreadsheet opens it as text."""
        form = response.assignment.questionnaire
        said = answers_of(response.resource, self.items.get(form.url, {}))
        known = [str(response.client), form.title, form.version, moment(response.submitted_at)]
        given = [said.get(column.link_id, "") if column.url == form.url else "" for column in self.columns]
        return list(map(cell, [*known, str(response.submitted_by), state, *given]))


def _columns(items: dict[str, dict[str, Item]], titles: dict[str, str]) -> Iterator[Column]:
    """Two questions of the same words are told apart by their linkId; those of several forms by their form."""
    for url, known in items.items():
        words = [item.text or link_id for link_id, item in known.items()]
        for (link_id, _item), text in zip(known.items(), words, strict=True):
            unique = text if words.count(text) == 1 or text == link_id else f"{text} ({link_id})"
            yield Column(url, link_id, f"{titles[url]}: {unique}" if url in titles else unique)


def answers_of(resource: Any, items: dict[str, Item]) -> dict[str, str]:
    """What was answered, by linkId; of what repeats, all of it, in its order."""
    said: dict[str, list[str]] = {}
    waiting = _list(resource, "item")[::-1]
    while waiting:
        one = waiting.pop()
        link_id, found = str(one.get("linkId", "")), _list(one, "answer")
        said.setdefault(link_id, []).extend(
            text for answer in found if (text := saying.answer(answer, items.get(link_id)))
        )
        below = [*_list(one, "item"), *(item for answer in found for item in _list(answer, "item"))]
        waiting.extend(below[::-1])
    return {link_id: BETWEEN.join(texts) for link_id, texts in said.items()}


def _list(resource: Any, name: str) -> list[dict[str, Any]]:
    value = resource.get(name) if isinstance(resource, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
