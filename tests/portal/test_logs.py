"""Logs are JSON lines with nothing of a person in them."""

import io
import json
import logging

import pytest
from django.db import IntegrityError, connection, transaction

from portal.logs import JSONFormatter, Redact


@pytest.fixture
def log():
    """`log(…)` writes as the portal does and returns the line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redact())
    handler.setFormatter(JSONFormatter())
    logger = logging.getLogger("portal.test")
    logger.propagate = False
    logger.addHandler(handler)

    def write(words, *arguments, **more):
        logger.error(words, *arguments, **more)
        return stream.getvalue()

    yield write
    logger.removeHandler(handler)


def test_a_line_is_one_object_with_its_moment_in_utc(log):
    line = json.loads(log("It is done"))
    assert (line["level"], line["logger"], line["message"]) == ("error", "portal.test", "It is done")
    assert line["at"].endswith("Z")


@pytest.mark.parametrize(
    "path",
    [
        "/join/s3cret/",
        "/join/s3cret/passkey/",
        "/account/password/reset/key/s3cret/",
        "/?person=s3cret",
        "/account/login/?next=/s3cret/",
    ],
)
def test_s72_a_line_holds_no_token_and_no_query(log, path):
    line = log("Not Found: %s", path)
    assert "s3cret" not in line
    assert "Not Found" in line


def test_s72_a_line_holds_no_address(log):
    assert "alice" not in log("Could not write to %s", "alice.adams+portal@example.com")


def test_a_forged_line_stays_inside_its_own(log):
    line = log('x"}\n{"level": "info", "message": "all is well"}')
    assert line.count("\n") == 1


def test_s72_an_exception_is_told_without_its_words(db, log):
    """PostgreSQL quotes the whole row that breaks a constraint."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into accounts_throttle (key, count, started_at) values ('Alice Adams has a fever', -1, now())"
            )
    except IntegrityError as error:
        assert "fever" in str(error), "else this test shows nothing"
        line = log("Internal Server Error: %s", "/", exc_info=True)
    assert "fever" not in line
    kinds = [each for each in json.loads(line)["exception"] if not each.startswith(" ")]
    assert kinds == ["django.db.utils.IntegrityError", "psycopg.errors.CheckViolation"]
    assert any("test_logs.py" in each for each in json.loads(line)["exception"])
