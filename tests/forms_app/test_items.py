"""Each kind of question as a page asks it: its label, its input, what is said with it, what was typed."""

import json
import re

import pytest
from django.template.loader import render_to_string

from forms_app import answers, layout
from forms_app.asking import Sheet
from tests.forms_app import corpus
from tests.forms_app.house import coding, item, resource
from tests.forms_app.paper import Reading
from tests.laws.sources import ROOT

CORE = "http://hl7.org/fhir/StructureDefinition/"
PAYLOADS = json.loads((ROOT / "tests/data/markup-payloads.json").read_text())["payloads"]


class Shown:
    """Questions as the partial shows them."""

    def __init__(self, *items, entries=None, errors=None, comments=None, relationship="", attach="/attach/", **more):
        read = answers.read(resource(*items, **more))
        self.filled = answers.fill(read, entries or {})
        sheet = Sheet(errors=errors or {}, comments=comments or {}, relationship=relationship, attach=attach)
        self.html = render_to_string("forms_app/questions.html", {"nodes": self.filled.nodes, "sheet": sheet})
        self.elements = Reading(self.html).elements

    def all(self, tag, **given):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in given.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def one(self, tag, **given):
        [found] = self.all(tag, **given)
        return found

    def label(self, id):
        return words(self.one("label", for_=id))

    def described(self, element):
        ids = element.attributes.get("aria-describedby", "").split()
        return [words(e) for name in ids for e in self.elements if e.attributes.get("id") == name]


def words(element):
    return " ".join(element.text.split())


def control(code):
    return {
        "url": CORE + "questionnaire-itemControl",
        "valueCodeableConcept": {
            "coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}]
        },
    }


def limit(name, **value):
    return {"url": CORE + name, **value}


def choice(link_id="c", many=3, kind="choice", **more):
    return item(link_id, kind, answerOption=[coding(f"code{n}", f"Answer {n}") for n in range(many)], **more)


# Words -----------------------------------------------------------------------------------------


def test_a_question_is_labelled_and_required_is_said_in_words():
    shown = Shown(item("a", required=True, prefix="1."), item("b"))
    assert shown.label("q-a") == "1. Question a required"
    assert shown.label("q-b") == "Question b"


def test_a_question_without_words_has_a_name_all_the_same():
    assert Shown({"linkId": "a", "type": "string"}).label("q-a") == "a"


def test_help_stands_between_the_label_and_the_input_and_is_read_out_with_it():
    shown = Shown(item("a", item=[item("h", "display", text="Look at the card", extension=[control("help")])]))
    assert shown.described(shown.one("input", id="q-a")) == ["Look at the card"]
    assert not shown.all("div", data_item="h")


def test_errors_and_comments_are_tied_to_the_input():
    shown = Shown(item("a"), errors={"a": ["Please answer."]}, comments={"a": "Really?"})
    field = shown.one("input", id="q-a")
    assert shown.described(field) == ["The practice wrote: Really?", "Error: Please answer."]
    assert field.attributes["aria-invalid"] == "true"


def test_every_id_stands_once_and_every_reference_leads_somewhere():
    kinds = ["boolean", "decimal", "date", "dateTime", "time", "string", "text", "url", "quantity", "attachment"]
    asks = [item(f"{kind} x", kind, required=True) for kind in kinds]
    shown = Shown(*asks, choice(), choice("o", kind="open-choice", repeats=True), errors={"c": ["No."]})
    ids = [e.attributes["id"] for e in shown.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids)) and not [one for one in ids if re.search(r"\s", one)]
    named = [name for e in shown.elements for name in e.attributes.get("aria-describedby", "").split()]
    assert set(named) | {e.attributes["for"] for e in shown.all("label")} <= set(ids)


@pytest.mark.parametrize("key", ["a b", 'x"y', "#1.2/3", "é", "_", "a_b", "<script>", "a'b", "q~other"])
def test_any_link_id_makes_an_id_of_its_own(key):
    assert re.fullmatch(r"q-[A-Za-z0-9_-]+", layout.id_of(key))
    assert len({layout.id_of(other) for other in (key, key + " ", key + "_20_", key.upper() + "!")}) == 4


def test_what_is_hidden_in_the_form_is_not_on_the_page():
    shown = Shown(item("a", extension=[limit("questionnaire-hidden", valueBoolean=True)]), item("b"))
    assert not shown.all("input", id="q-a") and shown.all("input", id="q-b")


def test_what_does_not_apply_is_on_the_page_with_its_answer_but_hidden():
    condition = [{"question": "a", "operator": "=", "answerBoolean": True}]
    shown = Shown(item("a", "boolean"), item("b", enableWhen=condition), entries={"b": ["kept"]})
    assert "hidden" in shown.one("div", data_item="b").attributes
    assert shown.one("input", id="q-b").attributes["value"] == "kept"
    shown = Shown(item("a", "boolean"), item("b", enableWhen=condition), entries={"a": ["true"]})
    assert "hidden" not in shown.one("div", data_item="b").attributes


# One line --------------------------------------------------------------------------------------

LINES = [
    ("string", "text", ""),
    ("url", "url", "url"),
    ("date", "date", ""),
    ("time", "time", ""),
    ("dateTime", "datetime-local", ""),
    ("integer", "text", ""),
    ("decimal", "text", ""),
]


@pytest.mark.parametrize(("kind", "type", "mode"), LINES)
def test_each_kind_of_line_has_its_input_and_keyboard(kind, type, mode):
    field = Shown(item("a", kind)).one("input", id="q-a")
    assert (field.attributes["type"], field.attributes.get("inputmode", "")) == (type, mode)


def test_a_pad_of_numbers_opens_only_where_no_minus_is_needed():
    least = [limit("minValue", valueInteger=0)]
    assert Shown(item("a", "integer", extension=least)).one("input").attributes["inputmode"] == "numeric"
    assert Shown(item("a", "decimal", extension=least)).one("input").attributes["inputmode"] == "decimal"
    below = [limit("minValue", valueInteger=-5)]
    assert "inputmode" not in Shown(item("a", "integer", extension=below)).one("input").attributes


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("date", "2026"), ("date", "2026-11"), ("date", "yesterday"), ("date", "2026-02-30"), ("date", "23.11.2026"),
        ("time", "10 o'clock"), ("time", "25:00"), ("dateTime", "2026-11-23"), ("dateTime", "noon"), ("integer", "1,5"),
        ("decimal", "1,50"), ("decimal", "about 3"), ("url", "no address"),
    ],
)  # fmt: skip
def test_what_a_browsers_own_input_would_throw_away_stays_as_it_was_typed(kind, typed):
    field = Shown(item("a", kind), entries={"a": [typed]}).one("input", id="q-a")
    assert field.attributes["value"] == typed
    assert field.attributes["type"] not in {"date", "time", "datetime-local"}


@pytest.mark.parametrize(
    ("code", "help"), [("year", "The year, as in 2026."), ("yearMonth", "Year and month, as in 2026-11.")]
)
def test_a_date_that_ends_after_the_year_or_the_month_is_typed_as_text(code, help):
    shown = Shown(item("a", "date", extension=[control(code)]))
    assert shown.one("input").attributes["type"] == "text" and shown.described(shown.one("input")) == [help]


def test_moments_are_typed_in_a_zone_that_is_named():
    shown = Shown(item("a", "dateTime"))
    assert shown.described(shown.one("input"))[0].startswith("In your time zone: ")


RANGES = [
    ("integer", {"minValue": 0, "maxValue": 10}, "Between 0 and 10."),
    ("integer", {"minValue": 18}, "18 or more."),
    ("integer", {"maxValue": 5}, "5 at most."),
]


@pytest.mark.parametrize(("kind", "limits", "said"), RANGES)
def test_limits_are_said_before_anybody_gets_it_wrong(kind, limits, said):
    extension = [limit(name, valueInteger=value) for name, value in limits.items()]
    shown = Shown(item("a", kind, extension=extension))
    assert shown.described(shown.one("input")) == [said]


def test_days_have_limits_in_words_of_their_own():
    shown = Shown(item("a", "date", extension=[limit("minValue", valueDate="2026-01-05")]))
    assert shown.described(shown.one("input")) == ["Not before Jan. 5, 2026."]


def test_a_slider_is_a_number_with_its_ends_said():
    ends = [
        item("l", "display", text="no pain", extension=[control("lower")]),
        item("u", "display", text="the worst", extension=[control("upper")]),
    ]
    limits = [limit("minValue", valueInteger=0), limit("maxValue", valueInteger=10), control("slider")]
    shown = Shown(item("a", "integer", extension=limits, item=ends))
    assert shown.described(shown.one("input")) == ["Between 0 (no pain) and 10 (the worst)."]
    assert shown.one("input").attributes["inputmode"] == "numeric"


def test_a_short_length_is_said_and_a_roomy_one_is_not():
    assert "8 characters at most." in Shown(item("a", maxLength=8)).html
    assert "characters" not in Shown(item("a", maxLength=200)).html
    assert "maxlength" not in Shown(item("a", maxLength=8)).html


def test_a_long_text_has_an_area_and_keeps_its_lines():
    shown = Shown(item("a", "text"), entries={"a": ["\n\nfirst\n  second"]})
    assert shown.one("textarea").text == "\n\n\nfirst\n  second"


def test_a_question_that_repeats_has_an_input_for_each_answer_and_one_more():
    shown = Shown(item("a", repeats=True), entries={"a": ["x", "y"]})
    assert [field.attributes["value"] for field in shown.all("input", name="a")] == ["x", "y", ""]
    assert words(shown.one("legend")) == "Question a"
    assert [words(label) for label in shown.all("label")] == [f"Question a ({n})" for n in (1, 2, 3)]
    assert shown.one("button").attributes["value"] == "add:a"


def test_as_many_answers_as_there_may_be_leave_no_blank_one():
    most = [limit("questionnaire-maxOccurs", valueInteger=2)]
    shown = Shown(item("a", repeats=True, extension=most), entries={"a": ["x", "y"]})
    assert len(shown.all("input", name="a")) == 2 and not shown.all("button")


def test_browsers_are_told_what_is_known_about_oneself_and_not_about_somebody_else():
    asks = item("a", definition=CORE + "Patient#Patient.birthDate", type="date")
    assert Shown(asks, relationship="self").one("input").attributes["autocomplete"] == "bday"
    assert Shown(asks, relationship="guardian").one("input").attributes["autocomplete"] == "off"


def test_something_to_choose_from_an_unknown_list_does_not_break():
    assert Shown(item("a", "choice", answerValueSet="http://example.org/unknown")).html


# Choices ---------------------------------------------------------------------------------------


def test_few_answers_stand_there_as_radio_buttons_in_a_group_with_a_legend():
    shown = Shown(choice(), entries={"c": ["1"]})
    assert words(shown.one("legend")) == "Question c"
    radios = shown.all("input", type="radio", name="c")
    assert [(one.attributes["value"], "checked" in one.attributes) for one in radios][:3] == [
        ("0", False),
        ("1", True),
        ("2", False),
    ]
    assert [shown.label(one.attributes["id"]) for one in radios][:3] == ["Answer 0", "Answer 1", "Answer 2"]
    assert radios[0].attributes["id"] == "q-c"


def test_an_answer_can_be_taken_back_where_none_is_needed():
    def values(**more):
        return [e.attributes["value"] for e in Shown(choice(**more), entries={"c": ["1"]}).all("input", type="radio")]

    assert values() == ["0", "1", "2", ""] and values(required=True) == ["0", "1", "2"]
    assert "" not in [e.attributes["value"] for e in Shown(choice()).all("input", type="radio")]


@pytest.mark.parametrize(
    "more", [{"many": 8}, {"extension": [control("drop-down")]}, {"extension": [control("autocomplete")]}]
)
def test_many_answers_or_a_form_that_says_so_make_a_list_that_opens(more):
    shown = Shown(choice(**more), entries={"c": ["1"]})
    options = shown.all("option")
    assert words(options[0]) == "Please choose" and options[0].attributes["value"] == ""
    assert [o.attributes["value"] for o in options if "selected" in o.attributes] == ["1"]
    assert shown.label("q-c") == "Question c"


def test_a_form_may_want_buttons_for_many_answers():
    assert len(Shown(choice(many=12, extension=[control("radio-button")])).all("input", type="radio")) == 12


def test_several_answers_are_ticked_and_one_that_stands_alone_says_so():
    alone = {"extension": [limit("questionnaire-optionExclusive", valueBoolean=True)]}
    options = [coding("a", "Nuts"), coding("b", "Milk"), coding("n", "None of these", **alone)]
    shown = Shown(item("c", "choice", repeats=True, answerOption=options), entries={"c": ["0", "1"]})
    boxes = shown.all("input", type="checkbox", name="c")
    assert ["checked" in box.attributes for box in boxes] == [True, True, False]
    assert ["data-exclusive" in box.attributes for box in boxes] == [False, False, True]
    assert shown.label(boxes[2].attributes["id"]) == "None of these only this"


@pytest.mark.parametrize("many", [3, 9])
def test_something_else_is_an_answer_with_a_line_of_its_own(many):
    shown = Shown(choice(kind="open-choice", many=many), entries={"c": [{"other": "my own"}]})
    assert shown.one("input", name="c~other").attributes["value"] == "my own"
    chosen = [e for e in shown.elements if e.attributes.get("value") == "other"]
    assert len(chosen) == 1 and {"checked", "selected"} & chosen[0].attributes.keys()


def test_something_else_beside_ticks_is_a_line_only():
    shown = Shown(choice(kind="open-choice", repeats=True), entries={"c": ["0", {"other": "my own"}]})
    assert shown.one("input", name="c~other").attributes["value"] == "my own"
    assert not [e for e in shown.elements if e.attributes.get("value") == "other"]


def test_yes_and_no_are_chosen_and_neither_is_chosen_before():
    shown = Shown(item("b", "boolean"))
    radios = shown.all("input", type="radio", name="b")
    assert [(shown.label(e.attributes["id"]), e.attributes["value"]) for e in radios] == [
        ("Yes", "true"),
        ("No", "false"),
    ]
    assert not [e for e in radios if "checked" in e.attributes]


def test_a_consent_is_one_tick_with_its_sentence_beside_it():
    rule = {
        "url": CORE + "questionnaire-constraint",
        "extension": [
            {"url": "key", "valueId": "agree"},
            {"url": "severity", "valueCode": "error"},
            {"url": "expression", "valueString": "answer.value = true"},
            {"url": "human", "valueString": "Please agree."},
        ],
    }
    shown = Shown(item("b", "boolean", text="I agree", required=True, extension=[rule]), entries={"b": ["true"]})
    box = shown.one("input", type="checkbox", name="b")
    assert box.attributes["value"] == "true" and "checked" in box.attributes
    assert shown.label("q-b") == "I agree required"


# Parts -----------------------------------------------------------------------------------------


def unit(code):
    return {"url": CORE + "questionnaire-unitOption", "valueCoding": {"code": code, "display": code}}


def test_an_amount_has_its_unit_beside_it_or_a_choice_of_units():
    one = Shown(item("q", "quantity", extension=[unit("kg")]), entries={"q": [{"value": "70", "unit": "0"}]})
    assert one.one("input", name="q").attributes["value"] == "70"
    assert one.one("input", name="q~unit").attributes == {"type": "hidden", "name": "q~unit", "value": "0"}
    two = Shown(
        item("q", "quantity", extension=[unit("kg"), unit("lb")]), entries={"q": [{"value": "70", "unit": "1"}]}
    )
    assert two.label("q-q-unit") == "Unit: Question q"
    assert [words(o) for o in two.all("option") if "selected" in o.attributes] == ["lb"]


def test_a_signature_is_a_typed_name_with_a_relationship_that_is_known():
    asks = item(
        "s", text="I have read this", extension=[limit("questionnaire-signatureRequired", valueCodeableConcept={})]
    )
    shown = Shown(asks, relationship="guardian")
    assert words(shown.one("legend")) == "I have read this"
    assert (
        shown.label("q-s") == "Your full name"
        and shown.one("input", name="s~name").attributes["autocomplete"] == "name"
    )
    # It is what the practice says, whatever a page would send; so nobody is asked.
    assert words(shown.one("dt")) == "You sign as" and words(shown.one("dd")) == "parent or guardian"
    assert not shown.all("select") and not Shown(asks).all("dl")
    assert "hidden" in next(e for e in shown.elements if "data-drawing" in e.attributes).attributes
    signed = Shown(asks, entries={"s": [{"name": "Ada", "relationship": "self"}]}, relationship="guardian")
    assert signed.one("input", name="s~name").attributes["value"] == "Ada"
    assert words(signed.one("dd")) == "parent or guardian"


def test_a_file_is_sent_by_a_button_of_its_own_and_a_preview_takes_none():
    shown = Shown(item("f", "attachment"))
    assert shown.one("input", type="file").attributes["name"] == "f~file"
    send = shown.one("button", name="_attach")
    assert send.attributes["formaction"] == "/attach/" and send.attributes["formenctype"] == "multipart/form-data"
    preview = Shown(item("f", "attachment"), attach="")
    assert "disabled" in preview.one("input", type="file").attributes and not preview.all("button")


def test_what_is_calculated_or_fixed_is_text():
    fixed = item("a", readOnly=True)
    shown = Shown(fixed, choice(readOnly=True), entries={"a": ["as it is"], "c": ["1"]})
    assert [words(e) for e in shown.all("output")] == ["as it is", "Answer 1"]
    assert shown.all("output")[0].attributes["data-calculated"] == "a"
    assert not [e for e in shown.elements if e.attributes.get("name")]


# Groups ----------------------------------------------------------------------------------------


def test_groups_are_headed_one_level_below_the_other():
    deepest = item("d", "group", item=[item("q")])
    shown = Shown(item("b", "group", item=[item("c", "group", item=[deepest])]))
    assert [e.tag for e in shown.elements if re.fullmatch("h[1-6]", e.tag)] == ["h2", "h3", "h4"]
    assert len(shown.all("fieldset")) == 3


def test_headings_end_at_the_sixth_level_however_deep_a_form_is():
    asks = item("q")
    for n in range(12):
        asks = item(f"g{n}", "group", item=[asks])
    assert [e.tag for e in Shown(asks).elements if re.fullmatch("h[1-6]", e.tag)][-1] == "h6"


def test_a_group_without_words_has_no_heading_and_leaves_no_gap():
    inner = item("h", "group", item=[item("q")])
    shown = Shown({"linkId": "g", "type": "group", "item": [inner]})
    assert [e.tag for e in shown.elements if re.fullmatch("h[1-6]", e.tag)] == ["h2"]


def test_something_to_read_keeps_its_lines_and_what_is_formatted_is_plain_text():
    rich = {"extension": [{"url": CORE + "rendering-xhtml", "valueString": "<p onclick='x'>rich</p>"}]}
    shown = Shown(item("d", "display", text="one\ntwo", _text=rich))
    assert "one\ntwo" in shown.one("p").text and "rich" not in shown.html


def test_what_is_asked_below_an_answer_stands_below_it():
    shown = Shown(item("a", "boolean", item=[item("b")]))
    below = shown.one("input", id="q-b")
    assert [e.attributes.get("data-item") for e in below.within if "data-item" in e.attributes] == ["a", "b"]


# Grids -----------------------------------------------------------------------------------------


def test_questions_with_the_same_answers_stand_in_a_grid_and_each_is_whole_by_itself():
    shown = Shown(*[choice(f"c{n}", required=True) for n in range(3)])
    head = next(e for e in shown.elements if e.attributes.get("class") == "likert-head")
    assert words(head) == "Answer 0Answer 1Answer 2" and head.attributes["aria-hidden"] == "true"
    assert [words(legend) for legend in shown.all("legend")] == [f"Question c{n} required" for n in range(3)]
    assert [shown.label(f"q-c1{end}") for end in ("", "-1", "-2")] == ["Answer 0", "Answer 1", "Answer 2"]


@pytest.mark.parametrize(
    "asks",
    [
        [choice("a"), choice("b")],
        [choice("a"), choice("b", many=4), choice("c")],
        [choice(key, kind="open-choice") for key in "abc"],
        [choice(key, many=7) for key in "abc"],
        [choice(key, repeats=True) for key in "abc"],
        [choice(key, extension=[control("drop-down")]) for key in "abc"],
        [item(k, "choice", answerOption=[coding("x", "A long answer " * 4), coding("y")]) for k in "abc"],
    ],
    ids=["two", "others", "open", "many", "several", "lists", "long"],
)
def test_a_grid_needs_three_questions_with_the_same_few_short_answers(asks):
    assert "likert" not in Shown(*asks).html


def test_a_row_of_a_grid_can_be_hidden_and_says_what_is_wrong():
    condition = [{"question": "a", "operator": "exists", "answerBoolean": True}]
    shown = Shown(choice("a"), choice("b", enableWhen=condition), choice("c"), errors={"c": ["Please answer."]})
    assert "hidden" in shown.one("div", data_item="b").attributes
    row = next(e for e in shown.all("fieldset") if "invalid" in e.attributes["class"])
    assert shown.described(row) == ["Error: Please answer."]


# Markup, and forms of others -------------------------------------------------------------------


def skeleton(html):
    """The elements of a page without their words."""
    return [(e.tag, sorted(e.attributes)) for e in Reading(html).elements]


def everything(text):
    """A form with this text wherever there may be some, and answers that are it."""
    options = [{"valueCoding": {"code": "a", "display": text}, "extension": []}, {"valueString": text}]
    asks = [
        item("d", "display", text=text),
        item("s", text=text, prefix=text, item=[item("h", "display", text=text, extension=[control("help")])]),
        item("t", "text", text=text),
        item("u", "url", text=text),
        item("r", text=text, readOnly=True),
        item("c", "choice", text=text, answerOption=options),
        item("o", "open-choice", text=text, repeats=True, answerOption=options),
        item("l", "open-choice", text=text, answerOption=options, extension=[control("drop-down")]),
        item("q", "quantity", text=text, extension=[unit(text)]),
        item("x", text=text, extension=[limit("questionnaire-signatureRequired", valueCodeableConcept={})]),
        item("f", "attachment", text=text),
        item("g", "group", text=text, repeats=True, item=[item("n", "decimal", text=text)]),
    ]
    entries = {key: [text] for key in ("s", "t", "u", "r", "n#0", "n#1")}
    entries |= {"o": [{"other": text}], "q": [{"value": text}], "x": [{"name": text}], "g": ["0", "1"]}
    return {"items": asks, "entries": entries, "errors": {"s": [text]}, "comments": {"s": text}}


def show(given):
    return Shown(*given["items"], entries=given["entries"], errors=given["errors"], comments=given["comments"])


def test_s39_markup_in_questions_options_help_and_answers_is_text():
    plain = skeleton(show(everything("plain words")).html)
    for payload in PAYLOADS:
        text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", payload).strip()
        shown = show(everything(text))
        assert skeleton(shown.html) == plain, payload
        assert text in shown.one("textarea").text


@pytest.mark.parametrize("name", corpus.questionnaires())
def test_every_form_from_outside_is_shown(name):
    read = answers.read(corpus.load("questionnaires", name))
    filled = answers.fill(read, answers.initial(read, answers.Context()))
    html = "".join(
        render_to_string("forms_app/questions.html", {"nodes": step.nodes, "sheet": Sheet(attach="/a/")})
        for step in layout.steps(filled.nodes)
    )
    there = {e.attributes["data-item"] for e in Reading(html).elements if "data-item" in e.attributes}
    due = {node.key for node in filled.walk() if not is_out_of_sight(node)}
    assert due <= there


def is_out_of_sight(node):
    """Hidden by the form, part of the question above it, or a container of pages, which are the steps themselves."""
    above = node
    while above is not None:
        if above.item.hidden or above.item.is_part:
            return True
        above = above.parent
    return node.parent is None and node.item.control in layout.CONTAINERS


@pytest.mark.parametrize("path", sorted((ROOT / "forms_app/library").glob("*.json")), ids=lambda path: path.stem)
def test_every_ready_made_form_is_shown_whole(path):
    read = answers.read(json.loads(path.read_text()))
    filled = answers.fill(read, answers.initial(read, answers.Context()))
    shown = render_to_string("forms_app/questions.html", {"nodes": filled.nodes})
    there = {e.attributes["data-item"] for e in Reading(shown).elements if "data-item" in e.attributes}
    assert {node.key for node in filled.walk() if not is_out_of_sight(node)} <= there
