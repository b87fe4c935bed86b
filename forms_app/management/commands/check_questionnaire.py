"""`manage.py check_questionnaire Q.json [--response R.json]`: what the portal makes of a form, without a database."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_app.answers import documents, reports
from forms_app.answers.encoding import Encoder

USAGE = """\
Say what the portal makes of a FHIR R4 Questionnaire, and of a QuestionnaireResponse to it, as JSON:

  importable   true when nothing stands against importing it
  problems     [{linkId, element, severity: error | warning | information, sentence}]

and with a response:

  enabled      {linkId: true | false} for every item; of several occurrences one is enough
  valid        true when there are no errors
  errors       [{linkId, rule, sentence}]
  scores       {linkId: number}: calculated items, or "total" where only the options have scores

A response in progress without any item is a form that was just opened, with its initial values.

With - each line of standard input is a pair, and is answered by a line: {"questionnaire": …, "response": …} with the
response optional and anything else (such as an "id") given back, or [questionnaire, response], or a questionnaire.

It exits with 0 when it made a report, whatever the report says, and with 1 when a file cannot be read.
"""


class Command(BaseCommand):
    help = USAGE
    # Nothing of the portal's own is looked at.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("questionnaire", help="a file with a Questionnaire, or - for lines of pairs")
        parser.add_argument("--response", help="a file with a QuestionnaireResponse")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["questionnaire"] != "-":
            self._say(_of_files(options["questionnaire"], options["response"]), indent=2)
            return
        if options["response"]:
            raise CommandError("With - the responses stand in the lines; leave out --response.")
        for answer in _of_lines():
            self._say(answer)

    def _say(self, answer: reports.Json, indent: int | None = None) -> None:
        self.stdout.write(json.dumps(answer, indent=indent, cls=Encoder))
        self.stdout.flush()


def _of_files(questionnaire: str, response: str | None) -> reports.Json:
    files = [_bytes(questionnaire), _bytes(response) if response else None]
    try:
        resource = documents.read(files[0] or b"")
    except documents.NotJson as error:
        return reports.of_no_json(str(error))
    if files[1] is None:
        return reports.of_questionnaire(resource)
    try:
        return reports.of_pair(resource, documents.read(files[1]))
    except documents.NotJson as error:
        return reports.of_no_response(resource, str(error))


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def _of_lines() -> Iterator[reports.Json]:
    for line in sys.stdin.buffer:
        if line.strip():
            yield _of_line(line)


def _of_line(line: bytes) -> reports.Json:
    try:
        given = documents.read(line)
    except documents.NotJson as error:
        return reports.of_no_json(str(error))
    pair, beside = _pair(given)
    if not pair:
        return beside | reports.of_no_json(
            "a pair is expected: {questionnaire, response} or [questionnaire, response]."
        )
    return beside | (reports.of_questionnaire(pair[0]) if len(pair) == 1 else reports.of_pair(*pair))


def _pair(given: Any) -> tuple[list[Any], reports.Json]:
    """The questionnaire, with its response if there is one; and what else the line says."""
    if isinstance(given, list):
        is_alone = len(given) == 1 or given[1:] == [None]
        return (given[:1] if is_alone else given if len(given) == 2 else []), {}
    if isinstance(given, dict) and given.get("resourceType") == "Questionnaire":
        return [given], {}
    if not isinstance(given, dict) or "questionnaire" not in given:
        return [], given if isinstance(given, dict) else {}
    beside = {name: value for name, value in given.items() if name not in {"questionnaire", "response"}}
    return [
        given[name] for name in ("questionnaire", "response") if given.get(name) is not None or name[0] == "q"
    ], beside
