"""A line of the log is one JSON object that tells what happened, and never to whom or with which words."""

import json
import logging
import sys

import pytest

from portal.logs import JSONFormatter, Redact


def line(message, *args, error=None):
    record = logging.LogRecord("portal", logging.WARNING, __file__, 1, message, args, error)
    Redact().filter(record)
    return json.loads(JSONFormatter().format(record))


def caught(error, cause=None):
    try:
        raise error from cause
    except type(error):
        return sys.exc_info()


def test_a_line_says_when_in_utc_how_bad_who_and_what():
    found = line("the worker started")
    assert found["at"].endswith("Z") and found["level"] == "warning" and found["logger"] == "portal"
    assert found["message"] == "the worker started"


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("Not Found: /join/5f2b8c/", "5f2b8c"),
        ("Gone: /join/5f2b8c/new-link/", "5f2b8c"),
        ("Not Found: /account/password/reset/key/1-d3adb33f/", "d3adb33f"),
        ("Not Found: /appointments/feed/5f2b8c-d3_adb33f.ics", "5f2b8c-d3_adb33f"),
        ("Not Found: /somewhere/?q=Alice+Adams", "Alice"),
        ("550 <alice.adams+portal@mail.example.com> unknown", "alice.adams"),
        ("mail to ALICE@EXAMPLE.COM refused", "ALICE"),
    ],
)
def test_tokens_queries_and_addresses_are_taken_out(said, secret):
    assert secret not in json.dumps(line(said))
    assert secret not in json.dumps(line("%s", said))


def test_what_stands_around_them_stays():
    assert line("Not Found: /join/5f2b8c/new-link/")["message"] == "Not Found: /join/…/new-link/"
    assert line("%d jobs, %s", 3, "late")["message"] == "3 jobs, late"


def test_an_error_gives_its_kind_and_place_and_none_of_its_words():
    found = line("it failed", error=caught(ValueError("Alice Adams"), KeyError("born 1990")))
    text = json.dumps(found)
    assert "builtins.ValueError" in text and "builtins.KeyError" in text and "test_logs.py" in text and "caught" in text
    assert "Alice" not in text and "1990" not in text


def test_a_line_stays_one_line_whatever_is_said():
    record = logging.LogRecord("portal", logging.INFO, __file__, 1, 'a\n{"level": "forged"}\r\nb\u2028c', (), None)
    assert len(JSONFormatter().format(record).split("\n")) == 1


def test_nothing_is_logged_about_each_request(settings):
    for name in ("django.server", "daphne.access", "gunicorn.access"):
        assert settings.LOGGING["loggers"][name] == {"handlers": [], "propagate": False}


def test_errors_that_caused_each_other_in_a_ring_are_written_once_each():
    """As a worker meets them that loses its database; written for ever, they would hang it."""
    first, second = ValueError(), OSError()
    first.__cause__, second.__cause__ = second, first
    record = logging.LogRecord("x", logging.ERROR, "", 0, "x", (), (ValueError, first, None))
    assert json.loads(JSONFormatter().format(record))["exception"] == ["builtins.ValueError", "builtins.OSError"]
