"""A questionnaire as it is read from FHIR R4: what is asked, of which type, under which conditions.

The names are the standard's, in Python's spelling (`linkId` → `link_id`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

# A FHIR value as it stands in an answer: its element and the value, as in ("valueCoding", {"code": "a"}).
Value = tuple[str, Any]
# What a page posts and a draft keeps: one answer as it was typed, and all of them by their key.
Raw = str | dict[str, str]
Entries = dict[str, list[Raw]]

# Display items with one of these controls are parts of the question above them.
PARTS = {"help": "help", "flyover": "help", "prompt": "prompt", "unit": "unit", "lower": "lower", "upper": "upper"}


@dataclass(frozen=True)
class Option:
    """One answer to choose from. `token` stands for it in a page's form: its place in the list."""

    token: str
    value: Value
    label: str
    prefix: str = ""
    score: Decimal | None = None
    # Chosen alone or not at all (questionnaire-optionExclusive).
    is_exclusive: bool = False
    # Somebody of the practice has to look at it soon.
    alerts: bool = False
    is_initial: bool = False


@dataclass(frozen=True)
class Condition:
    """One `enableWhen`."""

    question: str
    operator: str
    answer: Value


@dataclass(frozen=True)
class Limits:
    """What an answer has to keep to; None where it does not say. Lengths in characters, sizes in bytes."""

    max_length: int | None = None
    min_length: int | None = None
    min_value: Value | None = None
    max_value: Value | None = None
    max_decimal_places: int | None = None
    regex: str = ""
    min_occurs: int | None = None
    max_occurs: int | None = None
    max_size: int | None = None
    mime_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constraint:
    """A rule in FHIRPath that has to come out true (questionnaire-constraint, targetConstraint)."""

    key: str
    expression: str
    human: str
    is_error: bool = True


@dataclass(frozen=True, eq=False)
class Item:
    """One item: a group, a question or something to read."""

    link_id: str
    type: str
    text: str = ""
    prefix: str = ""
    help: str = ""
    # What display items below it say: before the field, after it, at the ends of a slider.
    prompt: str = ""
    unit: str = ""
    lower: str = ""
    upper: str = ""
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    options: tuple[Option, ...] = ()
    # The options are a value set that is not in the form: no answer is known to be wrong.
    has_unknown_options: bool = False
    # Units of a quantity, as Codings with `display`; one of them is preselected when it is the only one.
    units: tuple[dict[str, Any], ...] = ()
    initial: tuple[Value, ...] = ()
    conditions: tuple[Condition, ...] = ()
    # "any" or "all" of the conditions (R4: has to be said where there are several).
    behavior: str = "any"
    limits: Limits = field(default_factory=Limits)
    constraints: tuple[Constraint, ...] = ()
    # FHIRPath, or empty.
    enable_when_expression: str = ""
    calculated_expression: str = ""
    initial_expression: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    # questionnaire-itemControl's code: drop-down, radio-button, check-box, slider, …
    control: str = ""
    placeholder: str = ""
    # "vertical" or "horizontal" (questionnaire-choiceOrientation).
    orientation: str = ""
    definition: str = ""
    # Answers that alert, for a boolean: (True,), (False,) or both.
    alerts: tuple[bool, ...] = ()
    # A typed name signs the text of this item (questionnaire-signatureRequired).
    is_signature: bool = False
    # What it was read from.
    element: dict[str, Any] = field(default_factory=dict)
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        return self.type not in {"group", "display"}

    @property
    def is_choice(self) -> bool:
        """Answered by an option's token; forms made with R5 in mind give options to other types too."""
        return self.type in {"choice", "open-choice"} or bool(self.options)

    @property
    def is_in_own_words(self) -> bool:
        """The answers to choose from are not known here, so one writes."""
        return self.has_unknown_options and not self.options

    @property
    def is_part(self) -> bool:
        """Shown with the question above it (see PARTS), not for itself."""
        return self.type == "display" and self.control in PARTS

    @property
    def is_given(self) -> bool:
        """Nobody types the answer: it is calculated, fixed or not shown at all."""
        return self.read_only or self.hidden or bool(self.calculated_expression)

    def walk(self) -> Iterator["Item"]:
        """This item and all below it, in the order of the page."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """What is asked. `resource` is the FHIR resource that it was read from."""

    resource: dict[str, Any]
    items: tuple[Item, ...]
    variables: tuple[tuple[str, str], ...] = ()
    constraints: tuple[Constraint, ...] = ()
    # The items so that what a condition looks at comes before it; a loop has no such order.
    order: tuple[Item, ...] = ()
    has_loops: bool = False
    has_expressions: bool = False

    def walk(self) -> Iterator[Item]:
        for item in self.items:
            yield from item.walk()
