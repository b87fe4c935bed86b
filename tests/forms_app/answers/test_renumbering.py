"""After submitting, the draft's instances are those of the response, with the same keys."""

import pytest

from forms_app import answers
from forms_app.answers.renumbering import renumbered


def form(*items):
    return answers.read({"resourceType": "Questionnaire", "status": "active", "item": list(items)})


def group(link_id, *items, **more):
    return {"linkId": link_id, "type": "group", "repeats": True, "item": list(items), **more}


A = {"linkId": "a", "type": "string"}
CASES = {
    "a removed one leaves a gap that closes": (
        [group("g", A)],
        {"g": ["0", "2"], "a#0": ["one"], "a#2": ["three"]},
        {"g": ["0", "1"], "a#0": ["one"], "a#1": ["three"]},
    ),
    "an empty one is no part of the response": (
        [group("g", A)],
        {"g": ["0", "1", "2"], "a#1": ["two"]},
        {"g": ["0"], "a#0": ["two"]},
    ),
    "groups in groups": (
        [group("g", group("h", A))],
        {"g": ["3"], "h#3": ["1", "4"], "a#3.1": ["x"], "a#3.4": ["y"]},
        {"g": ["0"], "h#0": ["0", "1"], "a#0.0": ["x"], "a#0.1": ["y"]},
    ),
    "the mark of the next id goes": (
        [group("g", A)],
        {"g": ["0", {"next": "5"}], "a#0": ["one"]},
        {"g": ["0"], "a#0": ["one"]},
    ),
    "what is below an answer stays below it": (
        [{"linkId": "q", "type": "string", "repeats": True, "item": [A]}],
        {"q": ["x", "y"], "a#0": ["one"], "a#1": ["two"]},
        {"q": ["x", "y"], "a#0": ["one"], "a#1": ["two"]},
    ),
    "what a condition hides is kept for another time": (
        [
            A,
            {"linkId": "b", "type": "string", "enableWhen": [{"question": "a", "operator": "=", "answerString": "no"}]},
        ],
        {"a": ["yes"], "b": ["typed"]},
        {"a": ["yes"], "b": ["typed"]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_instances_count_from_nought(case):
    items, entries, expected = CASES[case]
    filled = answers.fill(form(*items), entries)
    assert renumbered(filled.nodes, entries) == expected


@pytest.mark.parametrize("case", CASES)
def test_the_response_is_the_same_as_before_and_reads_back_with_these_keys(case):
    items, entries, _expected = CASES[case]
    read = form(*items)
    filled = answers.fill(read, entries)
    again = answers.fill(read, renumbered(filled.nodes, entries))
    assert again.to_response() == filled.to_response()
    known, errors = answers.read_response(read, filled.to_response())
    assert errors == []
    assert known.items() <= renumbered(filled.nodes, entries).items()
