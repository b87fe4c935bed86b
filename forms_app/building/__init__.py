"""Building a form: pure functions over the FHIR R4 resource, without rows and without pages.

Each takes a resource and gives a new one; the old one stays as it was. Whatever a function does not know (extensions,
codes, translations) stands in the new one as it stood in the old.
"""

from forms_app.building.conditions import (
    MISSING,
    OPERATORS,
    Row,
    askable,
    condition_rows,
    operators_for,
    set_conditions,
)
from forms_app.building.kinds import FIELDS, KINDS, kind_of, with_kind
from forms_app.building.naming import link_id_for
from forms_app.building.numbers import number, plain
from forms_app.building.options import OptionRow, as_lines, label_of, option_rows, with_lines
from forms_app.building.questions import StillNamed, facts, made, with_facts
from forms_app.building.tree import (
    Dependant,
    Impossible,
    Item,
    NoSuchItem,
    Place,
    Resource,
    dependants,
    duplicate,
    find,
    insert,
    is_part,
    move,
    move_to,
    place_of,
    places,
    remove,
    replace,
    wrap,
)

__all__ = [
    "FIELDS",
    "KINDS",
    "MISSING",
    "OPERATORS",
    "Dependant",
    "Impossible",
    "Item",
    "NoSuchItem",
    "OptionRow",
    "Place",
    "Resource",
    "Row",
    "StillNamed",
    "as_lines",
    "askable",
    "condition_rows",
    "dependants",
    "duplicate",
    "facts",
    "find",
    "insert",
    "is_part",
    "kind_of",
    "label_of",
    "link_id_for",
    "made",
    "move",
    "move_to",
    "number",
    "operators_for",
    "option_rows",
    "place_of",
    "places",
    "plain",
    "remove",
    "replace",
    "set_conditions",
    "with_facts",
    "with_kind",
    "with_lines",
    "wrap",
]
