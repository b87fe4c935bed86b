"""About how long a form takes, for whoever is about to begin."""

from math import ceil
from typing import Any

from django.db.models import F, Func, IntegerField, Value
from django.db.models.fields.json import JSONField
from django.db.models.functions import Coalesce

# A question is read and answered in about fifteen seconds; texts and lists are longer, ticks shorter.
A_MINUTE = 4  # questions
# From here on it is said in steps of five, since nobody knows it better.
ROUGHLY = 10  # minutes
# In strict mode each item is found once; in lax mode an array is unwrapped too.
QUESTIONS = 'strict $.**.item[*] ? (@.type != "group" && @.type != "display")'


def questions_in(path: str) -> Any:
    """For a query: how many questions the FHIR resource at this path asks, without fetching it."""
    found = Func(
        F(path), Value(QUESTIONS), Value("{}"), True, function="jsonb_path_query_array", output_field=JSONField()
    )
    return Coalesce(Func(found, function="jsonb_array_length", output_field=IntegerField()), 0)


def minutes(said: int | None, questions: int) -> int:
    """What the practice says; else what so many questions take."""
    if said:
        return said
    about = max(1, ceil(questions / A_MINUTE))
    return about if about <= ROUGHLY else ceil(about / 5) * 5
