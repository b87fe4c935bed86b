"""JSON keeps the digits that were typed."""

import json
from decimal import Decimal

import pytest

from forms_app import answers

NUMBERS = ["1.50", "0.1", "1E+3", "-0.000001", "12345678901234567890.123456789012345678", "0", "-7"]


@pytest.mark.parametrize("digits", NUMBERS)
def test_a_number_is_written_digit_by_digit(digits):
    text = answers.dumps({"value": Decimal(digits)})
    assert text == f'{{"value": {digits}}}'
    assert str(json.loads(text, cls=answers.Decoder)["value"]) == digits


def test_the_stores_encoder_does_so_too():
    assert json.dumps([Decimal("1.50"), 2, "x"], cls=answers.Encoder) == '[1.50, 2, "x"]'


@pytest.mark.parametrize("digits", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_null(digits):
    assert answers.dumps([Decimal(digits)]) == "[null]"


def test_texts_are_never_taken_for_numbers():
    tricky = {"a": "1.50", "b": '"1.50"', "c": "\\u0000", "d": Decimal("1.5")}
    assert json.loads(answers.dumps(tricky), cls=answers.Decoder) == tricky


def test_characters_stand_as_they_are():
    assert answers.dumps("Zoë <b>") == '"Zoë <b>"'


def test_other_things_are_refused():
    with pytest.raises(TypeError):
        answers.dumps({"x": object()})


def test_to_a_file_as_well(tmp_path):
    with (tmp_path / "x.json").open("w") as file:
        json.dump({"x": Decimal("1.50")}, file, cls=answers.Encoder)
    assert (tmp_path / "x.json").read_text() == '{"x": 1.50}'
