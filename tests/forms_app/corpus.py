"""Questionnaires, responses and tables of cases from outside (tests/data/fhir; LICENCES.md says whose)."""

import json
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[1] / "data" / "fhir"


@cache
def load(*parts):
    return json.loads(HERE.joinpath(*parts).read_bytes())


def questionnaires():
    return [row["file"] for row in load("questionnaires", "index.json")]


def malformed():
    return [row["file"] for row in load("malformed", "index.json")]


def pairs():
    return [row["base"] for row in load("responses", "index.json")]


def pair(base):
    return load("responses", f"{base}.questionnaire.json"), load("responses", f"{base}.response.json")


def cases(table):
    return load("expected", f"{table}.json")
