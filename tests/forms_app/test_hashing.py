"""The fingerprint: one content, one hash, whoever computes it and wherever it was stored meanwhile."""

import hashlib
import json
from decimal import Decimal

import pytest
from django.db import connection

from forms_app.hashing import canonical_json, sha256


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"b": 1, "a": [True, None, "x"]}, '{"a":[true,null,"x"],"b":1}'),
        ({"é": "ü", "a": "\u20ac"}, '{"a":"€","é":"ü"}'),
        ('quote " and \\ and \n', '"quote \\" and \\\\ and \\n"'),
        ([[], {}, [{}]], "[[],{},[{}]]"),
        (1.0, "1"),
        (1.5, "1.5"),
        (Decimal("1.50"), "1.5"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (100, "100"),
        (Decimal("100.00"), "100"),
        (False, "false"),
    ],
)
def test_canonical_json_is_sorted_without_blanks_and_numbers_are_plain(value, expected):
    assert canonical_json(value) == expected.encode()


def test_the_order_of_keys_does_not_count_but_the_order_of_a_list_does():
    assert sha256({"a": 1, "b": [1, 2]}) == sha256({"b": [1, 2], "a": 1})
    assert sha256([1, 2]) != sha256([2, 1])


def test_it_is_what_any_other_program_computes():
    resource = {"resourceType": "Questionnaire", "item": [{"linkId": "1", "text": "Größe"}]}
    other = json.dumps(resource, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert sha256(resource) == hashlib.sha256(other).hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), object(), b"x", {1, 2}])
def test_what_json_has_no_words_for_has_no_hash(value):
    with pytest.raises(ValueError):
        canonical_json({"a": value})


def test_half_a_character_has_no_hash():
    with pytest.raises(ValueError):
        canonical_json("\ud800")


@pytest.mark.django_db
@pytest.mark.parametrize("text", ['{"a": 1e16, "b": 1.50, "c": -0.0, "d": 1E-7, "e": 12345678901234567890, "f": 2.0}'])
def test_the_database_gives_back_what_has_the_same_hash(text):
    with connection.cursor() as cursor:
        cursor.execute("select (%s::jsonb)::text", [text])
        (stored,) = cursor.fetchone()
    assert sha256(json.loads(stored)) == sha256(json.loads(text))
