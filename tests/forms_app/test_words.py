"""What clients and staff are told: a sentence for every code, whole, in plain words."""

import re
from pathlib import Path

import pytest

from forms_app import words
from forms_app.answers import sentences
from forms_app.answers.problems import Problem

ANSWERS = Path(sentences.__file__).parent
# What the sentences of errors may name.
PARAMS = {
    "limit": 5,
    "length": 7,
    "count": 2,
    "size": 9,
    "kinds": "image/png",
    "human": "Both cannot be.",
    "given": "urn:b",
    "expected": "urn:a",
    "link_id": "a",
    "element": "item[0]",
}


def _codes(pattern):
    return {code for path in ANSWERS.glob("*.py") for code in re.findall(pattern, path.read_text())}


def test_every_error_of_an_answer_has_a_sentence():
    codes = _codes(r'Unreadable\("([^"]+)"') | _codes(r'_?[eE]rror\([\w. ]+, (?:[\w.]+, )?"([^"]+)"')
    codes |= _codes(r'return "(\w+)", \{') & set(sentences.ERRORS)
    assert len(codes) > 25
    assert codes <= set(sentences.ERRORS)


def test_no_code_stands_for_two_sentences():
    assert not set(sentences.PROBLEMS) & set(sentences.ERRORS)


@pytest.mark.parametrize("code", sentences.ERRORS)
def test_the_sentence_of_an_error_is_whole(code):
    said = words.error(code, PARAMS)
    assert not re.search(r"[{}–]", said)
    assert said[0].isupper() or said[0] == "“"
    assert said.endswith(".")


@pytest.mark.parametrize("code", sentences.ERRORS)
def test_a_sentence_without_its_numbers_is_a_sentence_still(code):
    assert words.error(code)


def test_sizes_are_in_megabytes():
    assert words.error("maxSize", {"limit": 5_242_880}) == "This file is too large: 5 MB is the most."
    assert words.error("maxSize", {"limit": 1_572_864}) == "This file is too large: 1.5 MB is the most."


def test_a_rule_speaks_in_the_forms_own_words():
    assert words.error("constraint", {"human": "The end is before the start."}) == "The end is before the start."
    assert words.error("constraint", {"human": " "}).startswith("This does not go together")


def test_a_code_that_nobody_knows_is_no_crash():
    assert words.error("nobody knows") == "Something is not right here (nobody knows)."
    assert (
        words.problem(Problem("a", "item[0]", "error", "nobody knows")) == "Something is not right here (nobody knows)."
    )


@pytest.mark.parametrize(
    "hostile", ["{code}", "{0.__class__}", "%s", "%(code)s", "<script>alert(1)</script>", "\ud800"]
)
def test_what_somebody_typed_is_only_text(hostile):
    assert hostile in words.error("url") + words.error("constraint", {"human": hostile})
    assert hostile in words.error("unknown linkId", {"link_id": hostile})


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("integer", "answer type"),
        ("gap", "answer type"),
        ("other", "option"),
        ("required", "required"),
        ("regex", "regex"),
    ],
)
def test_integrators_read_the_standards_word(code, rule):
    assert sentences.rule(code) == rule
