"""What a submitted form came to, and how that went over time, as one of the staff may see it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Client, User
from forms_app import trends
from forms_app.models import Questionnaire, QuestionnaireResponse
from forms_app.reading import questionnaire_of

# On the item of a score, once for each band: `low` and `high` (valueDecimal or valueInteger, both included; one may be
# missing) and `text` (valueString). FHIR R4 has no element of its own for it.
BAND = "urn:client-portal:band"
# More points than this tell no more.
MOST = 100


@dataclass(frozen=True)
class Score:
    """One score of one submitted form."""

    link_id: str
    text: str
    value: float
    severity: str


@dataclass(frozen=True)
class Trend:
    """One score of one form over time. `rows` are its values, the newest first."""

    form: str
    text: str
    chart: trends.Chart
    rows: list[dict[str, Any]]

    @property
    def title(self) -> str:
        return self.form if self.text in {"", self.form} else f"{self.form}: {self.text}"

    @property
    def values(self) -> list[float]:
        return [row["value"] for row in reversed(self.rows) if row["value"] is not None]

    @property
    def first(self) -> dict[str, Any]:
        return next(row for row in reversed(self.rows) if row["value"] is not None)

    @property
    def last(self) -> dict[str, Any]:
        return next(row for row in self.rows if row["value"] is not None)

    @property
    def lowest(self) -> float:
        return min(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)


def of_response(response: QuestionnaireResponse, questionnaire: Questionnaire) -> list[Score]:
    """The scores of one form, in the order in which it asks."""
    items = {item.link_id: item.text or item.link_id for item in questionnaire_of(questionnaire).walk()}
    known = {
        link_id: number for link_id in response.scores if (number := _number(response.scores[link_id])) is not None
    }
    order = {link_id: place for place, link_id in enumerate(items)}
    return [
        # What the engine adds up itself, without an item for it.
        Score(link_id, items.get(link_id, _("Total")), value, trends.severity(value, bands_of(questionnaire, link_id)))
        for link_id, value in sorted(known.items(), key=lambda one: order.get(one[0], len(order)))
    ]


def trends_of(client: Client, user: User, *, url: str = "") -> list[Trend]:
    """One for each score of each form that this client has submitted; of the form with this `url` only, if given.

    Of a form that was returned and sent again, the newest version counts.
    """
    seen = QuestionnaireResponse.objects.visible_to(user).filter(client=client)
    seen = seen.filter(assignment__questionnaire__url=url) if url else seen
    rows = seen.select_related("assignment__questionnaire").defer("resource", "assignment__questionnaire__resource")
    by_form: dict[str, list[QuestionnaireResponse]] = {}
    newest = rows.order_by("assignment_id", "-number").distinct("assignment_id")
    for row in sorted(newest, key=lambda one: (one.submitted_at, one.pk), reverse=True):
        by_form.setdefault(row.assignment.questionnaire.url, []).append(row)
    return [trend for found in by_form.values() for trend in _of_form(found[:MOST])]


def _of_form(responses: list[QuestionnaireResponse]) -> Iterator[Trend]:
    """From one form's responses, the newest first: names and bands are those of the newest version."""
    questionnaire = responses[0].assignment.questionnaire
    texts = {item.link_id: item.text for item in questionnaire_of(questionnaire).walk()}
    for link_id in dict.fromkeys(key for response in responses for key in response.scores):
        bands = bands_of(questionnaire, link_id)
        rows = [_row(response, link_id, bands) for response in responses]
        points = [trends.Point(row["at"], row["value"], row) for row in rows]
        if drawn := trends.chart(points, bands):
            yield Trend(questionnaire.title, texts.get(link_id, ""), drawn, rows)


def _row(response: QuestionnaireResponse, link_id: str, bands: Iterable[trends.Band]) -> dict[str, Any]:
    value = _number(response.scores.get(link_id))
    return {"at": response.submitted_at, "value": value, "words": trends.severity(value, bands), "key": response.pk}


def _number(value: Any) -> float | None:
    """A whole one without its “.0”."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else float(value)


# Bands -----------------------------------------------------------------------------------------


def bands_of(questionnaire: Questionnaire, link_id: str) -> list[trends.Band]:
    """What the form itself calls its scores; nothing where it does not."""
    resource = questionnaire_of(questionnaire).resource
    item = next((one for one in _walk(resource) if one.get("linkId") == link_id), {})
    return [band for extension in _list(item, "extension") if (band := _band(extension))]


def _band(extension: dict[str, Any]) -> trends.Band | None:
    if extension.get("url") != BAND:
        return None
    parts = {part.get("url"): _value(part) for part in _list(extension, "extension")}
    words = parts.get("text")
    if not isinstance(words, str) or not words.strip():
        return None
    return trends.Band(words, _number(parts.get("low")), _number(parts.get("high")))


def _value(part: dict[str, Any]) -> Any:
    return next((value for name, value in part.items() if name.startswith("value")), None)


def _walk(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = _list(resource, "item")
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(_list(item, "item"))


def _list(resource: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = resource.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
