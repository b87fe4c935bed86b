"""The thinking core of forms: a FHIR R4 Questionnaire, what was typed, and what that comes to. No Django in here.

Entries are what a page posts and a draft keeps: by the key of a question, its answers as they were typed. A key is the
linkId; within instances of repeating groups (and below answers of repeating questions) `linkId#<ids from the outside>`.
"""

from forms_app.answers.encoding import Decoder, Encoder, dumps
from forms_app.answers.filling import Filled, fill
from forms_app.answers.findings import Error, Progress
from forms_app.answers.initial import initial
from forms_app.answers.instances import add_instance, remove_instance
from forms_app.answers.items import Entries, Item, Option, Questionnaire, Raw, Value
from forms_app.answers.merging import merge
from forms_app.answers.nodes import Node
from forms_app.answers.reading import read
from forms_app.answers.reimport import Checked, check_response, read_response
from forms_app.answers.responses import Author
from forms_app.answers.typed import Answer, Context

__all__ = [
    "Answer",
    "Author",
    "Checked",
    "Context",
    "Decoder",
    "Encoder",
    "Entries",
    "Error",
    "Filled",
    "Item",
    "Node",
    "Option",
    "Progress",
    "Questionnaire",
    "Raw",
    "Value",
    "add_instance",
    "check_response",
    "dumps",
    "fill",
    "initial",
    "merge",
    "read",
    "read_response",
    "remove_instance",
]
