"""A QuestionnaireResponse (FHIR R4) read back into entries, with what of it does not fit the questionnaire."""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from forms_app.answers.elements import Json, choice, elements, extension, extensions, text
from forms_app.answers.filling import Filled, fill
from forms_app.answers.findings import Error
from forms_app.answers.items import Entries, Item, Questionnaire, Raw
from forms_app.answers.nodes import MAX_INSTANCES, key_of
from forms_app.answers.raws import WrongType, raw_of
from forms_app.answers.responses import RELATIONSHIP, SIGNATURE
from forms_app.answers.typed import Context

STATUSES = {"in-progress", "completed", "amended", "entered-in-error", "stopped"}
# Of these nothing may be missing.
FINAL = {"completed", "amended"}
MAX_DEPTH = 50


@dataclass(frozen=True)
class Checked:
    """A response, filled in, and everything that is wrong with it."""

    filled: Filled
    errors: list[Error]


def check_response(questionnaire: Questionnaire, resource: Any, context: Context | None = None) -> Checked:
    """Whether a response is one to this questionnaire. What is required is only demanded once it is completed."""
    context = context or Context()
    entries, errors = read_response(questionnaire, resource, context)
    filled = fill(questionnaire, entries, context)
    is_final = isinstance(resource, dict) and text(resource.get("status")) in FINAL
    errors += filled.errors(complete=is_final)
    if is_final:
        errors += [_error(node.key, node.item.link_id, "disabled") for node in filled.disabled_answers()]
    return Checked(filled, errors)


def read_response(
    questionnaire: Questionnaire, resource: Any, context: Context | None = None
) -> tuple[Entries, list[Error]]:
    """Its answers as entries, and what is no answer to this questionnaire. Never raises, whatever it is given."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        return {}, [_error("", "", "resourceType")]
    reader = _Reader(context or Context())
    reader.head(questionnaire, resource)
    reader.items(questionnaire.items, resource.get("item"), (), MAX_DEPTH)
    return reader.entries, reader.errors


def _error(key: str, link_id: str, code: str, **params: Any) -> Error:
    return Error(key, link_id, code, params)


@dataclass
class _Reader:
    """Collects entries and errors on the way down."""

    context: Context
    entries: Entries = field(default_factory=dict)
    errors: list[Error] = field(default_factory=list)

    def head(self, questionnaire: Questionnaire, resource: Json) -> None:
        url = text(questionnaire.resource.get("url"))
        named = re.split(r"[|#]", text(resource.get("questionnaire")))[0]
        if url and named and named != url:
            self.errors.append(_error("", "", "questionnaire", given=named, expected=url))
        if text(resource.get("status")) not in STATUSES:
            self.errors.append(_error("", "", "status"))

    def items(self, known: tuple[Item, ...], value: Any, path: tuple[str, ...], depth: int) -> None:
        by_id = {item.link_id: item for item in known}
        given: dict[str, list[Json]] = {}
        for element in elements(value) if depth else []:
            given.setdefault(_link_id(element), []).append(element)
        self.order([by_id[link_id] for link_id in map(_link_id, elements(value)) if link_id in by_id], known, path)
        for link_id, occurrences in given.items():
            item = by_id.get(link_id)
            if item is None:
                self.errors.append(_error("", link_id, "unknown linkId"))
            elif item.is_question:
                self.question(item, occurrences, path, depth)
            else:
                self.group(item, occurrences, path, depth)

    def order(self, given: list[Item], known: tuple[Item, ...], path: tuple[str, ...]) -> None:
        """The items of a response stand as those of the form do."""
        places = {item.link_id: place for place, item in enumerate(known)}
        for before, item in pairwise(given):
            if places[item.link_id] < places[before.link_id]:
                self.errors.append(_error(key_of(item.link_id, path), item.link_id, "linkId"))

    def group(self, item: Item, occurrences: list[Json], path: tuple[str, ...], depth: int) -> None:
        key = key_of(item.link_id, path)
        if any(element.get("answer") for element in occurrences):
            self.errors.append(_error(key, item.link_id, "answer type"))
        if item.type == "group" and item.repeats:
            self.instances(item, occurrences, path, depth)
            return
        if len(occurrences) > 1:
            self.errors.append(_error(key, item.link_id, "repeats", count=len(occurrences)))
        self.items(item.items, occurrences[0].get("item"), path, depth - 1)

    def instances(self, item: Item, occurrences: list[Json], path: tuple[str, ...], depth: int) -> None:
        key = key_of(item.link_id, path)
        if len(occurrences) > MAX_INSTANCES:
            limit = {"limit": MAX_INSTANCES, "count": len(occurrences)}
            self.errors.append(_error(key, item.link_id, "maxOccurs", **limit))
        kept = occurrences[:MAX_INSTANCES]
        if len(kept) > 1:
            self.entries[key] = [str(place) for place in range(len(kept))]
        for place, element in enumerate(kept):
            self.items(item.items, element.get("item"), (*path, str(place)), depth - 1)

    def question(self, item: Item, occurrences: list[Json], path: tuple[str, ...], depth: int) -> None:
        key, raws = key_of(item.link_id, path), list[Raw]()
        for element in occurrences:
            below = (*path, "0") if item.repeats else path
            self.items(item.items, element.get("item"), below, depth - 1)
            signatures = list(extensions(element, SIGNATURE))
            for answer in elements(element.get("answer")):
                below = (*path, str(len(raws))) if item.repeats else path
                self.items(item.items, answer.get("item"), below, depth - 1)
                raw = self.raw(item, key, answer)
                if raw is not None:
                    raws.append(_signed(raw, signatures[len(raws) :]) if item.is_signature else raw)
        if raws:
            self.entries[key] = raws

    def raw(self, item: Item, key: str, answer: Json) -> Raw | None:
        value = choice(answer, "value")
        if value is None:
            if any(name.startswith("value") for name in answer):
                self.errors.append(_error(key, item.link_id, "answer type"))
            return None
        try:
            return raw_of(item, value, self.context)
        except WrongType:
            self.errors.append(_error(key, item.link_id, "answer type", given=value[0]))
            return None


def _link_id(element: Json) -> str:
    return text(element.get("linkId"))


def _signed(raw: Raw, signatures: list[Json]) -> Raw:
    """The name with what the signature says of it."""
    signed = signatures[0].get("valueSignature") if signatures else None
    if not isinstance(signed, dict) or not isinstance(raw, str):
        return raw
    parts = {"name": raw, "relationship": text(extension(signed, RELATIONSHIP))}
    if text(signed.get("data")):
        parts["drawing"] = f"data:image/png;base64,{signed['data']}"
    return {name: part for name, part in parts.items() if part}
