"""Machines ask how we are: by any host name, without a session, also while the database is away."""

from django.test import Client as Browser
from django.test import override_settings

NOBODYS_NAME = {"host": "10.0.0.7:8000"}


def test_live_says_that_the_process_answers(no_database):
    answer = Browser().get("/health/live/", headers=NOBODYS_NAME)
    assert (answer.status_code, answer.text) == (200, "live\n")


def test_ready_says_that_the_database_answers_too(db):
    answer = Browser().get("/health/ready/", headers=NOBODYS_NAME)
    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_ready_is_503_while_the_database_is_away(no_database):
    answer = Browser().get("/health/ready/", headers=NOBODYS_NAME)
    assert (answer.status_code, answer.text) == (503, "no database\n")


@override_settings(SECURE_SSL_REDIRECT=True)
def test_health_is_asked_inside_where_there_is_no_tls(db):
    assert Browser().get("/health/live/").status_code == 200
    assert Browser().get("/account/login/").status_code == 301


def test_health_leaves_no_trace_with_the_visitor(db):
    assert not Browser().get("/health/ready/").cookies


def test_other_paths_below_health_are_pages_that_are_not_there(practice):
    assert Browser().get("/health/nothing/").status_code == 404
