"""Scores: what calculated items come to, or the options' own numbers together."""

from decimal import Decimal

import pytest

from forms_app import answers
from forms_app.answers import weights
from forms_app.answers.scores import scores
from tests.forms_app import corpus
from tests.forms_app.test_problems import form, formula, group, question, when

ORDINAL = weights.SCORES[1]


def scored(link_id, *numbers, **more):
    options = [
        {"valueCoding": {"code": str(n), "display": f"Answer {n}"}}
        | ({} if number is None else {"extension": [{"url": ORDINAL, "valueDecimal": number}]})
        for n, number in enumerate(numbers or range(4))
    ]
    return question(link_id, "choice", answerOption=options, **more)


def total(link_id, expression, type="integer", **more):
    return question(link_id, type, **formula("calculatedExpression", expression), **more)


def of(resource, **entries):
    filled = answers.fill(
        answers.read(resource), {key: [value] if isinstance(value, str) else value for key, value in entries.items()}
    )
    return scores(filled.walk())


SUM = "%resource.repeat(item).answer.value.ordinal().sum()"


def test_options_with_scores_add_up_to_a_total():
    assert of(form(scored("a"), group("g", scored("b"))), a="2", b="3") == {"total": 5}


def test_half_points_are_exact():
    assert of(form(scored("a", 0.1, 0.2), scored("b", 0.1, 0.2)), a="0", b="1") == {"total": Decimal("0.3")}


def test_each_of_several_answers_counts():
    assert of(form(scored("a", repeats=True)), a=["1", "3"]) == {"total": 4}


def test_each_instance_counts():
    resource = form(group("g", scored("a"), repeats=True))
    assert of(resource, g=["0", "1"], **{"a#0": "1", "a#1": "2"}) == {"total": 3}


@pytest.mark.parametrize("entries", [{}, {"a": ""}, {"a": "99"}, {"a": "x"}])
def test_without_an_answer_there_is_no_total(entries):
    assert of(form(scored("a")), **entries) == {}


def test_zero_points_are_a_total():
    assert of(form(scored("a")), a="0") == {"total": 0}


def test_options_without_scores_have_none():
    assert of(form(scored("a", None, None)), a="0") == {}
    assert of(form(scored("a", None, 2), scored("b")), a="0", b="1") == {"total": 1}


def test_what_is_not_asked_does_not_count():
    resource = form(question("more", "boolean"), scored("a", enableWhen=[when("more", answerBoolean=True)]))
    assert of(resource, more="false", a="3") == {}
    assert of(resource, more="true", a="3") == {"total": 3}


def test_a_calculated_total_stands_under_its_own_name_and_no_other_is_added():
    assert of(form(scored("a"), scored("b"), total("sum", SUM)), a="1", b="2") == {"sum": 3}


def test_a_calculated_fraction_and_a_quantity():
    resource = form(scored("a"), total("mean", f"{SUM} / 2", "decimal"), total("kg", "70.5 'kg'", "quantity"))
    assert of(resource, a="3") == {"mean": Decimal("1.5"), "kg": Decimal("70.5")}


def test_totals_may_build_on_each_other():
    twice = total("twice", "%resource.item.where(linkId='sum').answer.value * 2")
    assert of(form(scored("a"), twice, total("sum", SUM)), a="3") == {"sum": 3, "twice": 6}


def test_a_calculated_item_that_is_not_asked_has_no_score():
    resource = form(
        question("more", "boolean"), scored("a"), total("sum", SUM, enableWhen=[when("more", answerBoolean=True)])
    )
    assert of(resource, a="3") == {}


def test_a_calculation_that_fails_gives_nothing():
    assert of(form(scored("a"), total("sum", "1 +")), a="3") == {}


def test_words_that_are_calculated_are_no_score():
    assert of(form(scored("a"), total("says", "'high'", "string")), a="3") == {"total": 3}


def test_a_client_cannot_type_a_total():
    assert of(form(scored("a"), total("sum", SUM)), a="1", sum="99") == {"sum": 1}


@pytest.mark.parametrize("url", weights.SCORES)
def test_each_name_of_the_extension_counts(url):
    assert weights.score({"extension": [{"url": url, "valueDecimal": 2}]}) == 2
    assert weights.score({"extension": [{"url": url, "valueInteger": 2}]}) == 2


@pytest.mark.parametrize("number", [None, True, "x", "NaN", "Infinity", float("inf"), [], {}, [1]])
def test_what_is_no_number_is_no_score(number):
    assert weights.score({"extension": [{"url": ORDINAL, "valueDecimal": number}]}) is None


@pytest.mark.parametrize("element", [None, 1, "a", [], {}, {"extension": 1}, {"extension": [1, None, {}]}])
def test_whatever_is_asked_for_its_score_answers(element):
    assert weights.score(element) is None
    assert weights.weight(element, None, {"questionnaire": element, "resource": element}) is None


def test_the_first_element_that_says_a_number_is_believed():
    low, high = ({"extension": [{"url": ORDINAL, "valueDecimal": n}]} for n in (1, 2))
    assert weights.score({}, high, low) == 2


def test_a_property_of_r5_is_a_score_too():
    parts = [{"url": "code", "valueCode": "itemWeight"}, {"url": "value", "valueDecimal": 3}]
    assert weights.score({"extension": [{"url": weights.PROPERTY, "extension": parts}]}) == 3
    parts[0]["valueCode"] = "colour"
    assert weights.score({"extension": [{"url": weights.PROPERTY, "extension": parts}]}) is None


def test_two_forms_at_once_keep_their_scores():
    """The table of the last form is remembered; the next form's is its own."""
    first, second = form(scored("a", 1)), form(scored("a", 2))
    answer = {"code": "0"}
    for resource, number in ((first, 1), (second, 2), (first, 1)):
        assert weights.weight(answer, None, {"questionnaire": resource}) == number


@pytest.mark.parametrize(
    ("file", "token", "expected"),
    [
        ("lforms__phq9-with-the-weight-function.json", 3, {"/44261-6": 27}),
        ("lforms__phq9-with-the-weight-function.json", 1, {"/44261-6": 9}),
        ("mycareplanner__PHQ-4-grouped-questionnaire.json", 3, {"total": 12}),
        # Whoever declines to answer has no score.
        ("mycareplanner__PHQ-4-grouped-questionnaire.json", 4, {}),
    ],
)
def test_scores_of_instruments_from_outside(file, token, expected):
    questionnaire = answers.read(corpus.load("questionnaires", file))
    asked = [item for item in questionnaire.walk() if any(option.score is not None for option in item.options)]
    entries = {item.link_id: [item.options[min(token, len(item.options) - 1)].token] for item in asked}
    assert scores(answers.fill(questionnaire, entries).walk()) == expected
