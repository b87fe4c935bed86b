"""What is missing, what is wrong, how far it is, what alerts and what it scores."""

import pytest

from forms_app import answers
from tests.forms_app.answers.making import COLOURS, codes, core, form, item, sdc, when

YES = [when("a", answerBoolean=True)]
NONE = {"valueString": "None of these", "extension": [core("questionnaire-optionExclusive", valueBoolean=True)]}


@pytest.mark.parametrize("type", ["boolean", "string", "integer", "date", "choice", "quantity", "attachment", "text"])
def test_what_is_required_and_not_there_is_missing(type):
    questionnaire = form(item("q", type, required=True, answerOption=COLOURS if type == "choice" else []))
    assert codes(answers.fill(questionnaire, {})) == [("q", "required")]
    assert codes(answers.fill(questionnaire, {}), complete=False) == []


def test_no_is_an_answer():
    assert codes(answers.fill(form(item("q", "boolean", required=True)), {"q": ["false"]})) == []


def test_zero_is_an_answer():
    assert codes(answers.fill(form(item("q", "integer", required=True)), {"q": ["0"]})) == []


def test_something_wrong_is_not_missing_too():
    assert codes(answers.fill(form(item("q", "integer", required=True)), {"q": ["ten"]})) == [("q", "integer")]


@pytest.mark.parametrize(
    "more",
    [
        {"readOnly": True},
        {"extension": [core("questionnaire-hidden", valueBoolean=True)]},
        {"extension": [sdc("calculatedExpression", "{}")]},
    ],
)
def test_nobody_has_to_give_what_nobody_can_type(more):
    assert codes(answers.fill(form(item("q", required=True, **more)), {})) == []


GROUP = form(item("g", "group", item("h", "group", item("q"), item("d", "display")), required=True))


def test_a_required_group_wants_one_answer_somewhere_in_it():
    assert codes(answers.fill(GROUP, {})) == [("g", "required")]
    assert codes(answers.fill(GROUP, {"q": ["x"]})) == []


def test_a_required_repeating_group_wants_one_answer_in_any_instance():
    questionnaire = form(item("g", "group", item("q"), required=True, repeats=True))
    assert codes(answers.fill(questionnaire, {"g": ["0", "1"]})) == [("g", "required")]
    assert codes(answers.fill(questionnaire, {"g": ["0", "1"], "q#1": ["x"]})) == []


def test_an_instance_is_asked_for_what_it_requires_once_there_is_something_in_it():
    questionnaire = form(item("g", "group", item("q", required=True), item("r"), repeats=True))
    assert codes(answers.fill(questionnaire, {"g": ["0", "4"]})) == []
    assert codes(answers.fill(questionnaire, {"g": ["0", "4"], "r#4": ["x"]})) == [("q#4", "required")]


def test_of_a_required_group_the_first_instance_is_asked_for_what_it_requires():
    questionnaire = form(item("g", "group", item("q", required=True), repeats=True, required=True))
    found = codes(answers.fill(questionnaire, {"g": ["0", "4"]}))
    assert found == [("g", "required"), ("q#0", "required")]


def test_what_is_required_below_an_answer_is_asked_for_once_there_is_one():
    questionnaire = form(item("a", "string", item("q", required=True)))
    assert codes(answers.fill(questionnaire, {})) == []
    assert codes(answers.fill(questionnaire, {"a": ["x"]})) == [("q", "required")]


@pytest.mark.parametrize("more", [{"enableWhen": [when("a", answerBoolean=True)]}, {"readOnly": True}])
def test_a_required_group_in_which_nothing_can_be_answered_is_not_missing(more):
    questionnaire = form(item("a", "boolean"), item("g", "group", item("q", **more), required=True))
    assert codes(answers.fill(questionnaire, {})) == []


OCCURS = [core("questionnaire-minOccurs", valueInteger=2), core("questionnaire-maxOccurs", valueInteger=3)]


@pytest.mark.parametrize(
    ("count", "required", "expected"),
    [
        (0, True, "required"),
        (0, False, None),
        (1, False, "minOccurs"),
        (2, True, None),
        (3, True, None),
        (4, True, "maxOccurs"),
    ],
)
def test_how_many_answers(count, required, expected):
    questionnaire = form(item("q", repeats=True, required=required, extension=OCCURS))
    found = codes(answers.fill(questionnaire, {"q": ["x"] * count}))
    assert found == ([("q", expected)] if expected else [])


@pytest.mark.parametrize(("count", "expected"), [(1, "minOccurs"), (2, None), (3, None), (4, "maxOccurs")])
def test_how_many_filled_instances(count, expected):
    questionnaire = form(item("g", "group", item("q"), repeats=True, extension=OCCURS))
    entries = {"g": [str(n) for n in range(5)], **{f"q#{n}": ["x"] for n in range(count)}}
    assert codes(answers.fill(questionnaire, entries)) == ([("g", expected)] if expected else [])


def test_one_answer_where_one_is_asked():
    questionnaire = form(item("q", "choice", answerOption=COLOURS))
    assert codes(answers.fill(questionnaire, {"q": ["0", "1"]}), complete=False) == [("q", "repeats")]


@pytest.mark.parametrize(("given", "expected"), [(["2"], []), (["0", "1"], []), (["0", "2"], ["exclusive"])])
def test_none_of_these_stands_alone(given, expected):
    questionnaire = form(item("q", "choice", answerOption=[*COLOURS, NONE], repeats=True))
    assert [code for _key, code in codes(answers.fill(questionnaire, {"q": given}))] == expected


def test_none_of_these_and_other_words_do_not_go_together():
    questionnaire = form(item("q", "open-choice", answerOption=[NONE], repeats=True))
    assert codes(answers.fill(questionnaire, {"q": ["0", {"other": "x"}]})) == [("q", "exclusive")]


def test_errors_stand_in_the_order_of_the_page():
    questionnaire = form(item("a", required=True), item("g", "group", item("b", "integer")), item("c", required=True))
    assert codes(answers.fill(questionnaire, {"b": ["x"]})) == [("a", "required"), ("b", "integer"), ("c", "required")]


def test_what_could_not_be_read_is_shown_again_as_typed():
    filled = answers.fill(form(item("q", "integer")), {"q": ["ten"]})
    assert [answer.raw for answer in filled.node("q").answers] == ["ten"]


# Progress ----------------------------------------------------------------------------------------

ASKED = form(
    item("a", "boolean", required=True),
    item("b", "integer", required=True),
    item("c"),
    item("d", "display"),
    item("e", enableWhen=YES, required=True),
    item("f", readOnly=True, initial=[{"valueString": "x"}]),
    item("g", "group", item("h"), repeats=True),
)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({}, (0, 4, 2, 0)),
        ({"a": ["false"]}, (1, 4, 1, 25)),
        ({"a": ["true"]}, (1, 5, 2, 20)),
        ({"a": ["false"], "b": ["ten"]}, (1, 4, 0, 25)),
        ({"a": ["false"], "b": ["10"], "c": ["x"], "h#0": ["x"]}, (4, 4, 0, 100)),
        ({"a": ["false"], "g": ["0", "1"]}, (1, 5, 1, 20)),
        ({"f": ["x"]}, (0, 4, 2, 0)),
    ],
)
def test_progress_counts_the_questions_that_are_asked_now(entries, expected):
    progress = answers.fill(ASKED, entries).progress()
    assert (progress.answered, progress.total, progress.missing, progress.percent) == expected


def test_a_hundred_percent_is_said_only_when_all_is_answered():
    questionnaire = form(*[item(f"q{n}") for n in range(300)])
    entries = {f"q{n}": ["x"] for n in range(299)}
    assert answers.fill(questionnaire, entries).progress().percent == 99


# Alerts and scores --------------------------------------------------------------------------------

ALERT = {"url": "urn:client-portal:alert", "valueBoolean": True}
NINE = [
    {"valueCoding": {"code": "0", "display": "Not at all"}, "extension": [core("ordinalValue", valueDecimal=0)]},
    {"valueCoding": {"code": "1", "display": "Some days"}, "extension": [ALERT, core("ordinalValue", valueDecimal=1)]},
]


def test_marked_answers_alert():
    questionnaire = form(item("a", "boolean", extension=[ALERT]), item("nine", "choice", answerOption=NINE))
    assert answers.fill(questionnaire, {"nine": ["1"]}).alerts() == [("nine", "About nine", "Some days")]
    assert answers.fill(questionnaire, {"nine": ["0"], "a": ["false"]}).alerts() == []
    assert [link_id for link_id, *_rest in answers.fill(questionnaire, {"a": ["true"]}).alerts()] == ["a"]


def test_what_is_disabled_alerts_nobody():
    questionnaire = form(item("a", "boolean"), item("nine", "choice", answerOption=NINE, enableWhen=YES))
    assert answers.fill(questionnaire, {"nine": ["1"]}).alerts() == []


def test_scores_are_plain_numbers():
    questionnaire = form(item("x", "choice", answerOption=NINE), item("y", "choice", answerOption=NINE))
    scores = answers.fill(questionnaire, {"x": ["1"], "y": ["1"]}).scores()
    assert scores == {"total": 2}
    assert isinstance(scores["total"], int)


def test_a_calculated_total_is_the_score():
    half = form(item("sum", "decimal", extension=[sdc("calculatedExpression", "1.5")]))
    assert answers.fill(half, {}).scores() == {"sum": 1.5}
