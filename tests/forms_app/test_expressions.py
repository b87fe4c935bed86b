"""FHIRPath as forms use it: right where it is right, and over soon where it is not."""

import copy
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_app.answers import expressions, weights
from forms_app.answers.expressions import Unusable, evaluate, truth

WEIGHT, ORDINAL = weights.SCORES[:2]


def coding(code, system="urn:s", score=None, url=ORDINAL):
    made = {"system": system, "code": code}
    return made if score is None else made | {"extension": [{"url": url, "valueDecimal": score}]}


QUESTIONNAIRE = {
    "resourceType": "Questionnaire",
    "contained": [
        {
            "resourceType": "ValueSet",
            "id": "often",
            "compose": {
                "include": [
                    {
                        "system": "urn:s",
                        "concept": [{"code": "1", "extension": [{"url": ORDINAL, "valueDecimal": 7}]}],
                    }
                ]
            },
        }
    ],
    "item": [
        {
            "linkId": "mood",
            "answerOption": [
                {"valueCoding": coding("0"), "extension": [{"url": ORDINAL, "valueDecimal": 0}]},
                {"valueCoding": coding("1", score=3)},
            ],
        },
        {
            "linkId": "group",
            "item": [
                # The same code counts the other way round.
                {"linkId": "energy", "answerOption": [{"valueCoding": coding("1", score=5, url=WEIGHT)}]},
                {"linkId": "often", "answerValueSet": "#often"},
            ],
        },
    ],
}
RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "item": [
        {"linkId": "mood", "answer": [{"valueCoding": coding("1")}]},
        {
            "linkId": "group",
            "item": [
                {"linkId": "energy", "answer": [{"valueCoding": coding("1")}]},
                {"linkId": "often", "answer": [{"valueCoding": coding("1")}]},
            ],
        },
        {"linkId": "height", "answer": [{"valueDecimal": 1.5}]},
        {"linkId": "born", "answer": [{"valueDate": "2000-02-29"}]},
        {"linkId": "many", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]},
    ],
}
AROUND = {"resource": RESPONSE, "questionnaire": QUESTIONNAIRE}


def value(expression, around=AROUND, **more):
    return evaluate(expression, around, **more)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2", [3]),
        ("%resource.item.where(linkId='height').answer.value + 1", [Decimal("2.5")]),
        ("item.where(linkId='height').answer.value * 2", [Decimal("3.0")]),
        ("item.where(linkId='many').answer.value.sum()", [3]),
        ("item.where(linkId='many').answer.value.avg()", [Decimal("1.5")]),
        ("item.where(linkId='many').answer.value.min()", [1]),
        ("item.where(linkId='many').answer.value.max()", [2]),
        ("item.where(linkId='nobody').answer.value.sum()", [0]),
        ("item.where(linkId='nobody').answer.value.avg()", []),
        ("item.where(linkId='nobody').answer.value.max()", []),
        ("item.where(linkId='many').answer.value.aggregate($this + $total, 0)", [3]),
        ("item.where(linkId='many').answer.value.count()", [2]),
        ("item.where(linkId='nobody').answer.value", []),
        ("item.where(linkId='nobody').answer.value + 1", []),
        ("iif(item.where(linkId='born').exists(), 'yes', 'no')", ["yes"]),
        ("item.where(linkId='born').answer.value", ["2000-02-29"]),
        ("item.where(linkId='born').answer.value <= @2001-01-01", [True]),
        ("item.where(linkId='mood').answer.value.code = '1'", [True]),
        ("%resource.repeat(item).count()", [7]),
        ("item.linkId.first()", ["mood"]),
        ("item.where(linkId='height').answer.value.hasValue()", [True]),
        ("item.where(linkId='mood').answer.value.hasValue()", [False]),
        ("item.where(linkId='height').answer.value.getValue()", [Decimal("1.5")]),
        ("'abc'.matches('^a.c$')", [True]),
        ("'abc'.replaceMatches('(b)', '[$1]')", ["a[b]c"]),
        ("2.power(10)", [1024]),
        ("10 'kg'", [{"value": Decimal(10), "unit": "kg"}]),
        ("%ucum", ["http://unitsofmeasure.org"]),
        ("{}", []),
        ("10 / 0", []),
    ],
)
def test_expressions_come_to_plain_values(expression, expected):
    assert value(expression) == expected


def test_fractions_are_exact():
    assert value("0.1 + 0.2") == [Decimal("0.3")]
    assert value("%x + %x", {"x": [0.1]}) == [Decimal("0.2")]


def test_a_path_starts_at_the_context_or_else_at_the_response():
    energy = RESPONSE["item"][1]["item"][0]
    assert value("answer.value.code", {**AROUND, "context": energy}) == ["1"]
    assert value("%context.linkId", {**AROUND, "context": energy}) == ["energy"]
    assert value("%resource.item.count()", {**AROUND, "context": energy}) == [5]


def test_variables_are_values_or_lists_of_them():
    assert value("%score + %more", {"score": 2, "more": [3]}) == [5]
    assert value("%nothing.exists()", {"nothing": []}) == [False]
    assert value("%nothing.exists()", {"nothing": None}) == [False]
    assert value("-%x + -%x", {"x": [3]}) == [-6]
    assert value("%'odd-name' + %`odd-name`", {"odd-name": 1}) == [2]


def test_the_names_that_an_expression_looks_at():
    assert expressions.names("%a + b.where(%`c` = $this).d(%'e') + %ucum + '%f'") == {"a", "c", "e"}


def test_nothing_that_was_given_is_changed():
    around = copy.deepcopy(AROUND) | {"x": [3]}
    before = copy.deepcopy(around)
    for expression in ("-%x", "repeat(item).answer.value.weight().sum()", "descendants().count()"):
        evaluate(expression, around)
    assert around == before


def test_now_is_the_readers():
    there = datetime(2026, 11, 23, 23, 30, tzinfo=timezone(timedelta(hours=-6)))
    assert value("today()", now=there) == ["2026-11-23"]
    assert value("now()", now=there) == ["2026-11-23T23:30:00-06:00"]
    assert value("timeOfDay()", now=there) == ["23:30:00.000"]
    assert value("today()", now=there.astimezone(UTC)) == ["2026-11-24"]
    assert value("item.where(linkId='born').answer.value < today() - 18 years", now=there) == [True]


# Scores -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "%resource.repeat(item).answer.value.weight().sum()",
        "%resource.repeat(item).answer.weight().sum()",
        "%resource.repeat(item).answer.value.ordinal().sum()",
        "repeat(item).answer.value.weight().aggregate($this + $total, 0)",
        "%resource.descendants().where(linkId.exists()).answer.value.weight().sum()",
    ],
)
def test_each_answer_counts_as_its_own_question_says(expression):
    assert value(expression) == [15]


def test_an_answer_counts_as_its_own_question_says_from_within_too():
    energy = RESPONSE["item"][1]["item"][0]
    assert value("answer.value.weight()", {**AROUND, "context": energy}) == [5]


def test_a_coding_that_says_itself_what_it_counts_is_believed():
    assert value("%x.weight()", {"x": coding("1", score=4)}) == [4]
    assert value("%x.ordinal()", {"x": {"valueCoding": coding("1", score=4)}}) == [4]


def test_what_counts_nothing_is_no_number():
    assert value("item.where(linkId='born').answer.value.weight()") == []
    assert value("'a'.weight()", {}) == []


# Bad ones ---------------------------------------------------------------------------------------

BAD = [
    "",
    " ",
    "1 +",
    "a b",
    "(((1",
    "`",
    "'",
    "\ud800",
    "\x00",
    "foo()",
    "%nobody",
    "item.where()",
    "1.power('a')",
    "'a' + 1",
    "('a' | 'b') + 'c'",
    "'a'.substring('b')",
    "item.resolve()",
    "%x.memberOf('urn:v')",
    "-'a'",
    "'a'.matches('[')",
    "1 'kg' + 1 'm'",
    "'zz'.decode('hex')",
    "(1 | 2).not() and (1 | 2)",
]


@pytest.mark.parametrize("expression", BAD)
def test_bad_expressions_are_unusable_and_raise_nothing_else(expression):
    try:
        evaluate(expression, AROUND)
    except Unusable as error:
        assert str(error)


@pytest.mark.parametrize("expression", ["", "1 +", "a b", "foo()", "'", "(((1", "1" * 6_000, "(" * 41 + "1" + ")" * 41])
def test_what_nobody_can_ever_evaluate_is_known_before(expression):
    with pytest.raises(Unusable):
        expressions.check(expression)


def test_what_is_only_missing_now_is_no_mistake():
    expressions.check("%resource.item.where(linkId='a').answer.value + %later")


FOREVER = [
    "('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!').matches('^(a|a)+$')",
    "('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!').replaceMatches('(a|a)+$', 'b')",
    "1.repeat($this + 1)",
    "'a'.repeat($this & 'ab')",
    "2.power(99999999)",
    "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16).aggregate($total * $total, 99)",
    "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20).aggregate($total.combine($total), 99)",
    "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23).aggregate($total & $total, 'aaa')",
    "descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants())))",
    "'aaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')" * 4,
]


@pytest.mark.parametrize("expression", FOREVER)
def test_what_would_never_end_ends_soon(expression):
    with pytest.raises(Unusable):
        evaluate(expression, AROUND)


@pytest.mark.parametrize("expression", ["-" * 3_000 + "1", "1+" * 2_000 + "1", ".a" * 1_500, "a" * 5_001, "not " * 900])
def test_long_chains_do_not_break_the_stack(expression):
    with suppress(Unusable):
        evaluate(expression, AROUND)


def test_deep_answers_do_not_break_the_stack():
    deep = {"resourceType": "QuestionnaireResponse"}
    for _ in range(3_000):
        deep = {"resourceType": "QuestionnaireResponse", "item": [deep]}
    for expression in ("descendants().count()", "repeat(item).count()", "%resource"):
        with suppress(Unusable):
            evaluate(expression, {"resource": deep})


def test_trace_says_nothing_of_anybodys_answers(capsys):
    assert value("item.where(linkId='born').answer.value.trace('born')") == ["2000-02-29"]
    assert capsys.readouterr() == ("", "")


@given(st.text(alphabet="%abit.em()'\"[]+-*/|&=<>!~0123456789 {}$@`\\T:", max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_text_raises_anything_but_unusable(text):
    with suppress(Unusable):
        evaluate(text, AROUND)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["item", "value", "a"]), below),
    max_leaves=12,
)


@given(
    JSON, st.sampled_from(["%x.weight()", "%x.descendants()", "%x.item.value", "%x + 1", "%x.repeat(item)", "%x = 1"])
)
@settings(max_examples=150, deadline=None)
def test_no_value_raises_anything_but_unusable(given_value, expression):
    with suppress(Unusable):
        evaluate(expression, {"x": given_value, "questionnaire": given_value, "resource": given_value})


@pytest.mark.parametrize(
    ("result", "expected"),
    [([], None), ([True], True), ([False], False), ([0], True), (["a"], True), ([False, False], True)],
)
def test_what_a_condition_says(result, expected):
    assert truth(result) is expected
