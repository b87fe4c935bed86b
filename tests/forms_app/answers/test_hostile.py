"""Whatever a form, a draft or a response holds: nothing is ever raised."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_app import answers
from forms_app.answers.reading import TYPES
from tests.forms_app.answers.making import COLOURS, core, form, item, resource, response, sdc, when

SCRIPT = "<script>alert(1)</script>"
EVERY_TYPE = [item(kind, kind, answerOption=COLOURS if "choice" in kind else []) for kind in sorted(TYPES)]
FORM = form(
    *EVERY_TYPE,
    item("g2", "group", item("q2", "integer", item("below"), repeats=True), repeats=True),
    item("t", enableWhen=[when("string", answerString="x"), when("quantity", ">", answerQuantity={"value": 1})]),
    item("sum", "decimal", extension=[sdc("calculatedExpression", "%resource.item.answer.value.count()")]),
    item("sign", extension=[core("questionnaire-signatureRequired", valueBoolean=True)]),
)
KEYS = [node.key for node in answers.fill(FORM, {}).walk()]


def use(questionnaire, entries):
    """Everything that is done with a draft."""
    filled = answers.fill(questionnaire, entries)
    filled.errors()
    filled.errors(complete=False)
    filled.progress()
    filled.alerts()
    filled.scores()
    filled.files()
    resource = filled.to_response()
    answers.dumps(resource)
    return filled, resource


def nested(depth, kind):
    value = "x"
    for _level in range(depth):
        value = [value] if kind is list else {"linkId": "g2", "answer": [{"item": [value]}]}
    return value


GARBAGE = [
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "x",
    "\x00",
    "\ud800",
    SCRIPT,
    "9" * 50_000,
    [],
    {},
    [[]],
    [None],
    [[[["x"]]]],
    {"a": 1},
    {"value": []},
    {"other": 5},
    [{"other": ["x"]}],
    [{"5": "x"}],
    [{"value": "1", "unit": {}}],
    [{"upload": ["x"]}],
    [{"name": {}, "drawing": []}],
    nested(900, list),
    nested(300, dict),
    [str(n) for n in range(10_000)],
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_entries_of_any_shape_are_survived(garbage):
    use(FORM, garbage)
    use(FORM, dict.fromkeys(KEYS, garbage))
    use(FORM, {key: [garbage] for key in KEYS})


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_responses_of_any_shape_are_survived(garbage):
    elements = ["Boolean", "Integer", "Decimal", "String", "Coding", "Quantity", "Attachment", "Date", "DateTime"]
    answered = [{"linkId": key, "answer": [{f"value{name}": garbage}]} for key in KEYS for name in elements]
    for given_response in (
        garbage,
        response(garbage),
        response(*[{"linkId": key, "answer": garbage, "item": garbage} for key in KEYS]),
        response(*[{"linkId": key, "answer": [{"valueString": "x", "item": garbage}]} for key in KEYS]),
        response(*answered),
        {**response(), "item": garbage, "status": garbage, "questionnaire": garbage},
    ):
        answers.check_response(FORM, given_response)


ELEMENTS = [
    "linkId",
    "type",
    "text",
    "prefix",
    "item",
    "required",
    "repeats",
    "readOnly",
    "maxLength",
    "answerOption",
    "answerValueSet",
    "enableWhen",
    "enableBehavior",
    "initial",
    "extension",
    "_text",
    "definition",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("element", ELEMENTS)
def test_questionnaires_of_any_shape_are_survived(element, garbage):
    for kind in ("choice", "quantity", "group", "string"):
        use(form({**item("q", kind), element: garbage}, item("r")), {"q": ["0"]})
    use(form({**item("q"), element: [garbage]}), {"q": ["0"]})


LIMITS = ["minLength", "minValue", "maxValue", "maxDecimalPlaces", "regex", "maxSize", "mimeType", "entryFormat"]
LOOKS = ["unit", "unitOption", "hidden", "itemControl", "constraint", "minOccurs", "maxOccurs", "choiceOrientation"]
URLS = [*LIMITS, "variable", "targetConstraint", *(f"questionnaire-{name}" for name in LOOKS)]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_extensions_of_any_shape_are_survived(garbage):
    names = [
        "valueString",
        "valueInteger",
        "valueCoding",
        "valueQuantity",
        "valueExpression",
        "extension",
        "valueCodeableConcept",
    ]
    extensions = [core(url, **{name: garbage}) for url in URLS for name in names]
    for kind in ("string", "quantity", "integer", "choice", "attachment", "group"):
        use(form(item("q", kind, extension=extensions), extension=extensions), {"q": ["1"]})


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_conditions_and_options_of_any_shape_are_survived(garbage):
    for name in ("Boolean", "Coding", "Quantity", "Date", "DateTime", "Time", "Reference", "Decimal"):
        for operator in ("=", "!=", ">", "exists"):
            condition = {"question": "r", "operator": operator, f"answer{name}": garbage}
            for kind in ("string", "integer", "choice", "quantity", "date", "dateTime", "time"):
                made = form(
                    item("r", kind, answerOption=COLOURS if kind == "choice" else []), item("q", enableWhen=[condition])
                )
                answers.fill(made, {"r": ["0", "2026", "10:30", "2026-11-23T10:30"]})
        use(form(item("q", "choice", answerOption=[{f"value{name}": garbage, "extension": [garbage]}])), {"q": ["0"]})
    sets = [{"resourceType": "ValueSet", "id": "v", "compose": garbage, "expansion": {"contains": garbage}}]
    use(form(item("q", "choice", answerValueSet="#v"), contained=sets), {"q": ["0"]})
    use(form(item("q", "choice", answerValueSet="#v"), contained=garbage), {"q": ["0"]})


def test_a_thousand_levels_are_survived():
    deep = {"linkId": "q", "type": "group"}
    given_response = {"linkId": "q"}
    for n in range(1_000):
        deep = {"linkId": f"q{n}", "type": "group", "item": [deep]}
        given_response = {"linkId": f"q{n}", "item": [given_response]}
    read = answers.read(resource(deep))
    answers.check_response(read, response(given_response))
    use(read, {})


def test_ten_thousand_keys_are_survived():
    entries = {f"k{n}": ["x"] for n in range(10_000)}
    _filled, made = use(FORM, entries)
    assert made.get("item", [])[-1]["linkId"] == "sum"


def test_five_thousand_items_are_survived():
    read = form(
        *[item(f"q{n}", "boolean", enableWhen=[when(f"q{(n * 7) % 5000}", answerBoolean=True)]) for n in range(5000)]
    )
    filled, _made = use(read, {f"q{n}": ["true"] for n in range(5000)})
    assert filled.progress().total > 0


def test_scripts_stay_texts():
    read = form(item("q", text=SCRIPT, maxLength=5000))
    filled, made = use(read, {"q": [SCRIPT]})
    assert filled.node("q").values == [("valueString", SCRIPT)]
    assert made["item"][0]["text"] == SCRIPT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([*TYPES, *KEYS]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*ELEMENTS, "answer", "valueCoding", "valueString", "code", "question", "operator"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_any_json_as_a_questionnaire(value):
    use(answers.read(value), {"q": ["x"]})
    use(answers.read({"item": value}), {"q": ["x"]})
    use(answers.read({"item": [value, {"linkId": "q", "type": "choice", "extension": value}]}), {"q": ["x"]})


@given(JSON, st.sampled_from(KEYS))
@settings(max_examples=150, deadline=None)
def test_any_json_as_entries_or_a_response(value, key):
    use(FORM, {key: value})
    answers.check_response(FORM, {"resourceType": "QuestionnaireResponse", "item": value})
    answers.check_response(FORM, response({"linkId": key, "answer": [value], "item": value}))


@given(st.dictionaries(st.sampled_from(KEYS), st.lists(st.text(max_size=12), max_size=3)))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_can_be_kept_shown_and_sent_again(typed):
    merged = answers.merge(FORM, {}, {"_shown": list(typed), **typed})
    json.dumps(merged, ensure_ascii=False).encode()
    filled, made = use(FORM, merged)
    posted = {
        "_shown": list(merged),
        **{key: [raw for raw in raws if isinstance(raw, str)] for key, raws in merged.items()},
    }
    plain = {key for key in merged if all(isinstance(raw, str) for raw in merged[key])}
    again = answers.merge(FORM, merged, posted)
    assert {key: again[key] for key in plain if key in again} == {key: merged[key] for key in plain if key in again}
    if not filled.errors(complete=False):
        entries, errors = answers.read_response(FORM, made)
        assert errors == []
        assert answers.fill(FORM, entries).to_response() == made
