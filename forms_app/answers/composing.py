"""The value sets of a form, each with the codes that its definition comes to: other sets and code systems within the
form are followed, exclusions are left out. An expansion that the form brings along is taken as it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forms_app.answers.elements import Json, elements, text, texts
from forms_app.answers.value_sets import KNOWN

MAX_CONCEPTS = 2_000
MAX_DEPTH = 20

# A concept with its code system.
Coded = tuple[str, Json]


def value_sets(resource: Json) -> dict[str, Json]:
    """Contained value sets, as `answerValueSet` names them, and those that everybody knows."""
    contained = elements(resource.get("contained"))
    composer = _Composer(_named(contained, "ValueSet"), _named(contained, "CodeSystem"))
    return KNOWN | {name: composer.composed(name) for name in composer.sets}


def _named(contained: list[Json], kind: str) -> dict[str, Json]:
    found = [each for each in contained if each.get("resourceType") == kind]
    by_url = {text(each.get("url")): each for each in found if text(each.get("url"))}
    return by_url | {f"#{each['id']}": each for each in found if text(each.get("id"))}


@dataclass
class _Composer:
    sets: dict[str, Json]
    systems: dict[str, Json]
    done: dict[int, Json] = field(default_factory=dict)
    defined: dict[str, dict[str, Json]] = field(default_factory=dict)
    depth: int = 0

    def composed(self, name: str) -> Json:
        """Each set once; one that is part of itself adds nothing to itself."""
        given = self.sets.get(name.partition("|")[0]) or KNOWN.get(name.partition("|")[0], {})
        compose = given.get("compose")
        if isinstance(given.get("expansion"), dict) or not isinstance(compose, dict):
            return given
        if id(given) not in self.done and self.depth < MAX_DEPTH:
            self.done[id(given)] = {}
            self.depth += 1
            include = [{"system": system, "concept": [concept]} for system, concept in self.kept(compose)]
            self.depth -= 1
            self.done[id(given)] = {**given, "compose": {"include": include}}
        return self.done.get(id(given), {})

    def kept(self, compose: Json) -> list[Coded]:
        gone = {pair for each in elements(compose.get("exclude")) for pair in self.excluded(each)}
        found: list[Coded] = []
        for include in elements(compose.get("include")):
            listed = self.listed(include)
            found += [each for each in listed if not gone & {(each[0], ""), (each[0], text(each[1].get("code")))}]
            if len(found) >= MAX_CONCEPTS:
                break
        return found[:MAX_CONCEPTS]

    def excluded(self, exclude: Json) -> set[tuple[str, str]]:
        """System and code; no code for all of a system."""
        if not exclude.get("concept") and not exclude.get("valueSet"):
            return set() if exclude.get("filter") else {(text(exclude.get("system")), "")}
        return {(system, text(concept.get("code"))) for system, concept in self.listed(exclude)}

    def listed(self, include: Json) -> list[Coded]:
        """What one `include` or `exclude` names. Filters and intersections are nothing that a form can answer."""
        system, others = text(include.get("system")), texts(include.get("valueSet"))
        if own := elements(include.get("concept")):
            known = self.concepts(system)
            return [(system, {**known.get(text(each.get("code")), {}), **each}) for each in own[:MAX_CONCEPTS]]
        if system:
            whole = [] if others or include.get("filter") else self.concepts(system).values()
            return [(system, each) for each in whole]
        return list(_coded(self.composed(others[0]))) if len(others) == 1 else []

    def concepts(self, system: str) -> dict[str, Json]:
        """By code, those of a code system within the form, each before those below it."""
        if system not in self.defined:
            given = _flat(self.systems.get(system, {}).get("concept"), "concept")
            self.defined[system] = {text(each.get("code")): _alone(each) for each in given}
        return self.defined[system]


def _alone(concept: Json) -> Json:
    return {name: part for name, part in concept.items() if name != "concept"}


def _flat(given: Any, name: str) -> list[Json]:
    """The concepts of a tree in their order; those below one stand in its `name`."""
    waiting = [(each, 0) for each in elements(given)][::-1]
    found: list[Json] = []
    while waiting and len(found) < MAX_CONCEPTS:
        concept, depth = waiting.pop()
        found.append(concept)
        if depth < MAX_DEPTH:
            waiting += [(each, depth + 1) for each in elements(concept.get(name))][::-1]
    return found


def _coded(value_set: Json) -> Iterator[Coded]:
    """The concepts of a set that was composed, or that came expanded."""
    expansion: Any = value_set.get("expansion")
    for concept in concepts(expansion.get("contains")) if isinstance(expansion, dict) else []:
        yield text(concept.get("system")), concept
    compose: Any = value_set.get("compose")
    for include in elements(compose.get("include")) if isinstance(compose, dict) else []:
        for concept in elements(include.get("concept")):
            yield text(include.get("system")), concept


def concepts(contains: Any) -> list[Json]:
    """Those of an expansion that can be chosen, however they are nested."""
    return [each for each in _flat(contains, "contains") if text(each.get("code")) and each.get("abstract") is not True]
