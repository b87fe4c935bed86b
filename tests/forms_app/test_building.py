"""Building a form: pure functions over the resource. What they do not know stays as it was."""

from copy import deepcopy

import pytest

from forms_app import building
from forms_app.answers.problems import importable, problems
from forms_app.building import OptionRow, Row
from tests.forms_app import corpus
from tests.forms_app.house import coding, item, resource

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
ALERT = "urn:client-portal:alert"
STRANGE = {"url": "http://example.org/strange", "valueString": "kept"}


def tree(form):
    """The linkIds as they stand: [a, [b, [c]]]."""
    return [[each["linkId"], tree(each)] if each.get("item") else each["linkId"] for each in form.get("item", [])]


def when(question, **answer):
    return {"question": question, "operator": "=", **(answer or {"answerBoolean": True})}


@pytest.fixture
def form():
    """a, group g with b and c in it, d."""
    return resource(item("a", "boolean"), item("g", "group", item=[item("b"), item("c")]), item("d"))


def option_rows(form, link_id):
    return building.option_rows(building.find(form, link_id))


def edit(form, link_id, **changes):
    return building.with_facts(form, link_id, changes)


# Names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "taken", "expected"),
    [
        ("How old are you?", [], "how-old-are-you"),
        ("How old are you?", ["how-old-are-you"], "how-old-are-you-2"),
        ("How old are you?", ["how-old-are-you", "how-old-are-you-2"], "how-old-are-you-3"),
        ("Größe & Gewicht", [], "groe-gewicht"),
        ("Émile", [], "emile"),
        ("年齢", [], "item"),
        ("", ["item"], "item-2"),
        ("a#b~c", [], "a-b-c"),
        ("x" * 100, [], "x" * 32),
        ("one two three four five six seven eight nine", [], "one-two-three-four-five-six"),
    ],
)
def test_a_link_id_is_readable_unique_and_plain(text, taken, expected):
    assert building.link_id_for(text, taken) == expected


def test_a_link_id_says_its_kind_where_the_text_has_no_letters_of_ours():
    assert building.link_id_for("…", [], "date") == "date"


# Places ----------------------------------------------------------------------------------------


def test_the_old_form_stays_as_it_was(form):
    before = deepcopy(form)
    building.insert(form, item("x"))
    building.move(form, "d", "up")
    building.remove(form, "g")
    building.duplicate(form, "g")
    building.wrap(form, ["a", "d"], item("w", "group"))
    building.move_to(form, "b", first=True)
    edit(form, "a", text="Other", required=True)
    assert form == before


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["a", ["g", ["b", "c"]], "d", "x"]),
        ({"after": "a"}, ["a", "x", ["g", ["b", "c"]], "d"]),
        ({"after": "b"}, ["a", ["g", ["b", "x", "c"]], "d"]),
        ({"under": "g"}, ["a", ["g", ["b", "c", "x"]], "d"]),
        ({"under": "a"}, [["a", ["x"]], ["g", ["b", "c"]], "d"]),
    ],
)
def test_an_item_is_put_where_it_is_wanted(form, where, expected):
    assert tree(building.insert(form, item("x"), **where)) == expected


def test_the_first_item_of_all_has_its_list_made():
    assert tree(building.insert({"resourceType": "Questionnaire"}, item("x"))) == ["x"]


@pytest.mark.parametrize("where", [{"after": "nobody"}, {"under": "nobody"}])
def test_nothing_is_put_beside_an_item_that_is_not_there(form, where):
    with pytest.raises(building.NoSuchItem):
        building.insert(form, item("x"), **where)


def test_nothing_stands_within_a_text_to_read():
    with pytest.raises(building.Impossible):
        building.insert(resource(item("t", "display")), item("x"), under="t")


@pytest.mark.parametrize(
    ("link_id", "way", "expected"),
    [
        ("d", "up", ["a", "d", ["g", ["b", "c"]]]),
        ("a", "down", [["g", ["b", "c"]], "a", "d"]),
        ("g", "up", [["g", ["b", "c"]], "a", "d"]),
        ("c", "up", ["a", ["g", ["c", "b"]], "d"]),
        ("d", "in", ["a", ["g", ["b", "c", "d"]]]),
        ("g", "in", [["a", [["g", ["b", "c"]]]], "d"]),
        ("b", "out", ["a", ["g", ["c"]], "b", "d"]),
        ("c", "out", ["a", ["g", ["b"]], "c", "d"]),
        # No step to take: everything stays.
        ("a", "up", ["a", ["g", ["b", "c"]], "d"]),
        ("d", "down", ["a", ["g", ["b", "c"]], "d"]),
        ("a", "in", ["a", ["g", ["b", "c"]], "d"]),
        ("b", "up", ["a", ["g", ["b", "c"]], "d"]),
        ("d", "out", ["a", ["g", ["b", "c"]], "d"]),
    ],
)
def test_an_item_goes_one_step(form, link_id, way, expected):
    assert tree(building.move(form, link_id, way)) == expected


def test_a_step_is_not_taken_into_a_text_to_read():
    form = resource(item("t", "display"), item("x"))
    assert tree(building.move(form, "x", "in")) == ["t", "x"]


def test_the_last_item_that_leaves_a_group_leaves_no_empty_list():
    form = resource(item("g", "group", item=[item("b")]))
    assert building.move(form, "b", "out")["item"][0] == item("g", "group")


def test_a_help_text_moves_with_its_question_and_is_no_neighbour():
    form = edit(resource(item("q", item=[item("n")])), "q", help="Say it.")
    assert tree(form) == [["q", ["q-help", "n"]]]
    assert tree(building.move(form, "n", "up")) == [["q", ["q-help", "n"]]]


@pytest.mark.parametrize(
    ("spot", "expected"),
    [
        ({"first": True}, ["b", "a", ["g", ["c"]], "d"]),
        ({"after": "d"}, ["a", ["g", ["c"]], "d", "b"]),
        ({"under": "g"}, ["a", ["g", ["c", "b"]], "d"]),
        ({}, ["a", ["g", ["c"]], "d", "b"]),
    ],
)
def test_an_item_is_moved_anywhere(form, spot, expected):
    assert tree(building.move_to(form, "b", **spot)) == expected


@pytest.mark.parametrize("spot", [{"under": "g"}, {"after": "g"}, {"under": "b"}, {"after": "c"}])
def test_nothing_is_moved_into_itself(form, spot):
    with pytest.raises(building.Impossible):
        building.move_to(form, "g", **spot)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["a", "d"], [["w", ["a", "d"]], ["g", ["b", "c"]]]),
        (["d", "a"], [["w", ["a", "d"]], ["g", ["b", "c"]]]),
        (["b"], ["a", ["g", [["w", ["b"]], "c"]], "d"]),
        (["b", "c"], ["a", ["g", [["w", ["b", "c"]]]], "d"]),
        (["g", "b"], ["a", ["w", [["g", ["b", "c"]]]], "d"]),
        (["b", "d"], ["a", ["g", [["w", ["b", "d"]], "c"]]]),
        (["a", "c"], [["w", ["a", "c"]], ["g", ["b"]], "d"]),
    ],
)
def test_items_go_into_a_new_group_in_the_order_of_the_page(form, chosen, expected):
    assert tree(building.wrap(form, chosen, item("w", "group"))) == expected


def test_a_group_of_nothing_is_not_made(form):
    with pytest.raises(building.NoSuchItem):
        building.wrap(form, ["nobody"], item("w", "group"))


# Copies ----------------------------------------------------------------------------------------


def test_a_copy_has_names_of_its_own_throughout_and_stands_below(form):
    changed, name = building.duplicate(form, "g")
    assert name == "g-2"
    assert tree(changed) == ["a", ["g", ["b", "c"]], ["g-2", ["b-2", "c-2"]], "d"]


def test_a_copy_of_a_copy_counts_on():
    once, first = building.duplicate(resource(item("q")), "q")
    twice, second = building.duplicate(once, first)
    assert (first, second) == ("q-2", "q-3") and tree(twice) == ["q", "q-2", "q-3"]


def test_conditions_within_a_copy_are_about_the_copies_and_others_stay():
    inner = [item("b", "boolean"), item("c", enableWhen=[when("b"), when("a")], enableBehavior="all")]
    changed, _name = building.duplicate(resource(item("a", "boolean"), item("g", "group", item=inner)), "g")
    assert [each["question"] for each in building.find(changed, "c-2")["enableWhen"]] == ["b-2", "a"]
    assert [each["question"] for each in building.find(changed, "c")["enableWhen"]] == ["b", "a"]


def test_a_copy_has_no_element_id_of_another():
    changed, name = building.duplicate(resource(item("q", id="element-7")), "q")
    assert "id" not in building.find(changed, name) and building.find(changed, "q")["id"] == "element-7"


# Removing --------------------------------------------------------------------------------------


def test_what_is_removed_takes_along_all_below_it(form):
    assert tree(building.remove(form, "g")) == ["a", "d"]


def test_conditions_that_name_what_is_removed_go_and_others_stay():
    form = resource(
        item("a", "boolean"),
        item("b", "boolean"),
        item("c", enableWhen=[when("a"), when("b")], enableBehavior="all"),
        item("d", enableWhen=[when("a")]),
    )
    changed = building.remove(form, "a")
    assert building.find(changed, "c")["enableWhen"] == [when("b")]
    assert "enableBehavior" not in building.find(changed, "c")
    assert "enableWhen" not in building.find(changed, "d")


def test_conditions_on_what_stands_below_what_is_removed_go_too():
    form = resource(item("g", "group", item=[item("b", "boolean")]), item("c", enableWhen=[when("b")]))
    assert "enableWhen" not in building.find(building.remove(form, "g"), "c")


def test_what_depends_on_an_item_is_said():
    total = {"url": "x", "valueExpression": {"expression": "%resource.item.where(linkId='a').answer.value"}}
    form = resource(
        item("a", "boolean"),
        item("b", enableWhen=[when("a")]),
        item("c", "decimal", extension=[total]),
        item("d"),
    )
    found = building.dependants(form, "a")
    assert [(each.link_id, each.is_condition) for each in found] == [("b", True), ("c", False)]
    assert building.dependants(form, "d") == []


def test_an_expression_of_the_form_itself_is_said_too():
    form = resource(item("a"), extension=[{"url": "variable", "valueExpression": {"expression": "linkId = 'a'"}}])
    assert [each.link_id for each in building.dependants(form, "a")] == [""]


def test_what_an_item_says_of_itself_is_no_dependence():
    form = resource(item("g", "group", item=[item("a", "boolean"), item("b", enableWhen=[when("a")])]))
    assert building.dependants(form, "g") == []


# Kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [name for name in building.KINDS if name != "other"])
def test_what_is_made_as_a_kind_is_read_as_that_kind(kind):
    made = building.made(resource(), kind, "A question")
    assert building.kind_of(made) == kind
    assert made["linkId"] == "a-question"


@pytest.mark.parametrize("kind", [name for name in building.KINDS if name != "other"])
def test_what_is_made_can_be_published(kind):
    made = building.made(resource(), kind, "A question")
    form = building.insert(resource(), made)
    options = {"options": [OptionRow("Yes"), OptionRow("No")]} if "options" in building.FIELDS[kind] else {}
    form = building.with_facts(form, made["linkId"], {"text": "A question", **options})
    if kind == "group":
        form = building.insert(form, item("x"), under=made["linkId"])
    assert [found for found in problems(form) if found.severity in {"error", "warning"}] == []


@pytest.mark.parametrize("before", [name for name in building.KINDS if name != "other"])
@pytest.mark.parametrize("after", [name for name in building.KINDS if name != "other"])
def test_one_kind_becomes_another_and_leaves_nothing_behind_that_is_wrong(before, after):
    form = building.insert(resource(), building.made(resource(), before, "Q"))
    known = {"text": "Q", "options": [OptionRow("Yes", "1", alerts=True)], "minimum": "1", "maximum": "5"}
    known |= {"max_length": "9", "units": "kg", "alerts": "yes", "required": True, "decimals": "1"}
    form = building.with_facts(form, "q", {name: known[name] for name in building.FIELDS[before] if name in known
                                           and not (name in {"minimum", "maximum"} and "date" in before)})  # fmt: skip
    form = building.with_facts(form, "q", {}, kind=after)
    if "options" in building.FIELDS[after] and not option_rows(form, "q"):
        form = building.with_facts(form, "q", {"options": [OptionRow("Yes")]})
    assert building.kind_of(building.find(form, "q")) == after
    wrong = [each for each in problems(form) if each.severity in {"error", "warning"} and each.code != "group_empty"]
    assert wrong == []


def test_a_kind_keeps_what_it_does_not_know():
    form = resource(item("q", "string", maxLength=9, extension=[STRANGE], code=[{"code": "x"}]))
    changed = building.find(building.with_facts(form, "q", {}, kind="text"), "q")
    assert changed["extension"] == [STRANGE] and changed["code"] == [{"code": "x"}] and changed["maxLength"] == 9


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"type": "reference"}, "other"),
        ({"type": "question"}, "other"),
        ({}, "other"),
        ({"type": 7}, "other"),
        ({"type": "other"}, "other"),
        ({"type": "choice", "repeats": True}, "choices"),
        ({"type": "boolean", "required": True}, "boolean"),
    ],
)
def test_what_pages_do_not_know_is_another_kind(said, kind):
    assert building.kind_of(said) == kind


def test_a_consent_of_a_file_is_known_in_either_spelling():
    constraint = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint"}
    for value in (
        {"valueString": "$this.answer.value = true"},
        {"valueExpression": {"expression": "answer.value=true"}},
    ):
        parts = [{"url": "key", "valueId": "c"}, {"url": "expression", **value}]
        consent = item("q", "boolean", required=True, extension=[{**constraint, "extension": parts}])
        assert building.kind_of(consent) == "consent"


def test_a_consent_that_becomes_a_question_keeps_its_other_rules():
    other = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint", "extension": []}
    form = building.insert(resource(), {**building.made(resource(), "consent", "Q")})
    form["item"][0]["extension"].append(other)
    assert building.find(building.with_facts(form, "q", {}, kind="boolean"), "q")["extension"] == [other]


# Facts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("string", {"text": "Name?", "help": "In full", "required": True, "max_length": "40", "min_length": "2"}),
        ("string", {"prefill": "%patient.name.text", "definition": "http://x#Patient.name", "read_only": True}),
        ("integer", {"minimum": "0", "maximum": "10", "unit": "kg", "repeats": True}),
        ("decimal", {"minimum": "0.5", "maximum": "10.25", "decimals": "2", "calculated": "1 + 1"}),
        ("quantity", {"units": "kg\nlb", "minimum": "1", "maximum": "500"}),
        ("quantity", {"units": "cm"}),
        ("date", {"minimum": "1900-01-01", "maximum": "2030-12-31"}),
        ("dateTime", {"minimum": "2020-01-01T00:00:00Z"}),
        ("boolean", {"alerts": "yes"}),
        ("boolean", {"alerts": "no"}),
        ("boolean", {"alerts": "both"}),
        ("choice", {"look": "drop-down"}),
        ("choice", {"look": "side-by-side"}),
        ("scale", {"minimum": "0", "maximum": "10"}),
        ("group", {"text": "About you", "repeats": True}),
    ],
)
def test_a_fact_that_is_written_is_read_again_and_taken_back_without_a_trace(kind, changes):
    form = building.insert(resource(), building.made(resource(), kind, "q"))
    written = building.with_facts(form, "q", changes)
    facts = building.facts(building.find(written, "q"))
    assert {name: facts[name] for name in changes} == changes
    empty = {name: False if value is True else "" for name, value in changes.items()}
    undone = building.with_facts(written, "q", empty)
    assert building.find(undone, "q") == building.find(form, "q")


def test_facts_are_in_the_standards_own_elements():
    form = building.insert(resource(), building.made(resource(), "quantity", "q"))
    changed = building.find(edit(form, "q", text="Weight", units="kg", minimum="1", required=True), "q")
    assert changed["required"] is True and changed["text"] == "Weight"
    kg = {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kg"}
    assert {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit", "valueCoding": kg} in changed[
        "extension"
    ]
    assert {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueDecimal": 1} in changed["extension"]


def test_a_unit_that_ucum_does_not_know_is_only_words():
    form = building.insert(resource(), building.made(resource(), "quantity", "q"))
    assert building.find(edit(form, "q", units="cups"), "q")["extension"][0]["valueCoding"] == {"display": "cups"}


def test_a_unit_that_stays_keeps_its_code():
    url = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"
    stone = {"system": "http://unitsofmeasure.org", "code": "[stone_av]", "display": "stone"}
    form = resource(item("q", "quantity", extension=[{"url": url, "valueCoding": stone}]))
    changed = building.find(edit(form, "q", units="kg\nstone"), "q")
    assert [each["valueCoding"] for each in changed["extension"]][1] == stone


def test_a_fact_that_changes_leaves_all_others_alone():
    strange = item("q", "string", code=[{"code": "x"}], extension=[STRANGE], _text={"extension": [STRANGE]})
    changed = building.find(edit(resource(strange), "q", required=True), "q")
    assert changed == {**strange, "required": True}


def test_what_is_filled_in_from_the_profile_says_what_patient_is():
    form = building.insert(resource(), building.made(resource(), "string", "q"))
    once = edit(form, "q", prefill="%patient.name.text")
    twice = edit(once, "q", prefill="%patient.birthDate")
    launched = [each for each in twice["extension"] if each["url"].endswith("launchContext")]
    assert len(launched) == 1
    assert problems(twice) == problems({**twice, "extension": launched})


def test_an_expression_in_another_language_is_not_shown_as_fhirpath():
    cql = {"language": "text/cql", "expression": "Age"}
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"
    assert building.facts(item("q", extension=[{"url": url, "valueExpression": cql}]))["prefill"] == ""


def test_nothing_is_edited_that_is_not_there(form):
    with pytest.raises(building.NoSuchItem):
        edit(form, "nobody", text="x")


# Options ---------------------------------------------------------------------------------------


@pytest.fixture
def choice():
    scored = coding("a", "Often", extension=[{"url": ORDINAL, "valueDecimal": 2}, STRANGE], id="o1")
    return resource(
        item("q", "choice", answerOption=[scored, coding("b", "Never")]),
        item("f", enableWhen=[when("q", answerCoding={"system": "http://example.org/codes", "code": "a"})]),
    )


def test_options_are_rows(choice):
    assert option_rows(choice, "q") == [OptionRow("Often", "2", was=0), OptionRow("Never", was=1)]


def test_options_are_turned_over_and_keep_what_else_they_hold(choice):
    rows = option_rows(choice, "q")
    changed = building.find(edit(choice, "q", options=rows[::-1]), "q")
    assert changed["answerOption"] == building.find(choice, "q")["answerOption"][::-1]


def test_an_options_words_score_and_ticks_change_alone(choice):
    rows = [OptionRow("Very often", "3", True, True, was=0), OptionRow("Never", was=1)]
    first, second = building.find(edit(choice, "q", options=rows), "q")["answerOption"]
    assert first["valueCoding"] == {"system": "http://example.org/codes", "code": "a", "display": "Very often"}
    assert first["id"] == "o1" and STRANGE in first["extension"]
    assert {"url": ORDINAL, "valueDecimal": 3} in first["extension"]
    assert {"url": ALERT, "valueBoolean": True} in first["extension"]
    assert second == coding("b", "Never")
    assert option_rows(edit(choice, "q", options=rows), "q") == rows


def test_a_score_within_the_coding_is_changed_where_it_stands():
    inside = {"valueCoding": {"code": "a", "display": "A", "extension": [{"url": ORDINAL, "valueDecimal": 1}]}}
    changed = edit(resource(item("q", "choice", answerOption=[inside])), "q", options=[OptionRow("A", "5", was=0)])
    option = changed["item"][0]["answerOption"][0]
    assert option["valueCoding"]["extension"] == [{"url": ORDINAL, "valueDecimal": 5}] and "extension" not in option


def test_a_new_option_is_a_coding_whose_words_may_be_corrected(choice):
    rows = [*option_rows(choice, "q"), OptionRow("Now and then", "1"), OptionRow("Now and then")]
    made = building.find(edit(choice, "q", options=rows), "q")["answerOption"][2:]
    assert [each["valueCoding"]["code"] for each in made] == ["now-and-then", "now-and-then-2"]


@pytest.mark.parametrize(
    ("known", "label", "expected"),
    [
        ({"valueString": "A"}, "B", {"valueString": "B"}),
        ({"valueInteger": 1}, "2", {"valueInteger": 2}),
        ({"valueInteger": 1}, "many", {"valueCoding": {"code": "many", "display": "many"}}),
    ],
)
def test_a_new_option_is_made_in_the_manner_of_those_there_are(known, label, expected):
    form = resource(item("q", "choice", answerOption=[known]))
    rows = [*option_rows(form, "q"), OptionRow(label)]
    assert building.find(edit(form, "q", options=rows), "q")["answerOption"][1] == expected


@pytest.mark.parametrize(
    ("known", "label", "expected"),
    [
        ({"valueInteger": 1}, "7", {"valueInteger": 7}),
        ({"valueInteger": 1}, "seven", {"valueString": "seven"}),
        ({"valueDate": "2026-01-01"}, "New Year", {"valueString": "New Year"}),
        ({"valueTime": "10:00:00", "_valueTime": {"id": "x"}}, "Ten", {"valueString": "Ten"}),
    ],
)
def test_other_words_for_a_number_a_day_or_a_time_are_words(known, label, expected):
    form = resource(item("q", "choice", answerOption=[known]))
    assert building.find(edit(form, "q", options=[OptionRow(label, was=0)]), "q")["answerOption"] == [expected]


def test_conditions_follow_an_option_of_words_to_its_new_words():
    form = resource(
        item("q", "choice", answerOption=[{"valueString": "Old"}]),
        item("f", enableWhen=[when("q", answerString="Old")]),
    )
    changed = edit(form, "q", options=[OptionRow("New", was=0)])
    assert building.find(changed, "f")["enableWhen"] == [when("q", answerString="New")]


def test_conditions_on_a_coding_stay_when_its_words_are_corrected(choice):
    changed = edit(choice, "q", options=[OptionRow("OFTEN", "2", was=0), OptionRow("Never", was=1)])
    assert building.find(changed, "f")["enableWhen"][0]["answerCoding"]["code"] == "a"


def test_an_option_that_a_condition_names_does_not_go(choice):
    with pytest.raises(building.StillNamed) as refused:
        edit(choice, "q", options=[OptionRow("Never", was=1)])
    assert refused.value.labels == ["a"]


def test_an_option_that_nobody_names_goes(choice):
    assert len(option_rows(edit(choice, "q", options=option_rows(choice, "q")[:1]), "q")) == 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", []),
        ("Yes\n\n  No  \n", [OptionRow("Yes"), OptionRow("No")]),
        ("Several days = 1\nNearly = every day", [OptionRow("Several days", "1"), OptionRow("Nearly = every day")]),
        ("A = 1,5\nB=-2", [OptionRow("A", "1.5"), OptionRow("B", "-2")]),
        ("= 3", [OptionRow("= 3")]),
    ],
)
def test_answers_are_typed_one_a_line_with_what_they_count(lines, expected):
    assert building.with_lines([], lines) == expected


# Conditions ------------------------------------------------------------------------------------


@pytest.fixture
def asked():
    return resource(
        item("yes", "boolean"),
        item("one", "choice", answerOption=[coding("a", "A"), coding("b", "B")]),
        item("how", "integer"),
        item("weight", "quantity"),
        item("day", "date"),
        item("clock", "time"),
        item("word", "string"),
        item("file", "attachment"),
        item("x"),
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("yes", "=", "true"), {"operator": "=", "answerBoolean": True}),
        (Row("yes", "!=", "false"), {"operator": "!=", "answerBoolean": False}),
        (Row("one", "=", "1"), {"operator": "=", "answerCoding": coding("b", "B")["valueCoding"]}),
        (Row("how", ">=", "3"), {"operator": ">=", "answerInteger": 3}),
        (Row("weight", "<", "70,5"), {"operator": "<", "answerQuantity": {"value": 70.5}}),
        (Row("day", ">", "2026-01-01"), {"operator": ">", "answerDate": "2026-01-01"}),
        (Row("clock", ">=", "10:30"), {"operator": ">=", "answerTime": "10:30:00"}),
        (Row("word", "=", "blue"), {"operator": "=", "answerString": "blue"}),
        (Row("file", "exists"), {"operator": "exists", "answerBoolean": True}),
        (Row("word", "missing"), {"operator": "exists", "answerBoolean": False}),
    ],
)
def test_a_condition_is_written_as_r4_says_and_read_again(asked, row, expected):
    changed = building.set_conditions(asked, "x", [row], "any")
    assert building.find(changed, "x")["enableWhen"] == [{"question": row.question, **expected}]
    assert [each for each in problems(changed) if each.severity != "information"] == [
        each for each in problems(asked) if each.severity != "information"
    ]
    read = building.condition_rows(building.Index(changed), building.find(changed, "x"))
    assert [(each.question, each.operator) for each in read] == [(row.question, row.operator)]
    assert building.set_conditions(changed, "x", read, "any") == changed


def test_a_quantity_is_compared_in_the_questions_own_unit(asked):
    with_unit = edit(asked, "weight", units="kg")
    changed = building.set_conditions(with_unit, "x", [Row("weight", ">", "70")], "any")
    quantity = {"value": 70, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    assert building.find(changed, "x")["enableWhen"][0]["answerQuantity"] == quantity


@pytest.mark.parametrize(
    "row",
    [
        Row("one", "=", "2"),
        Row("one", "=", ""),
        Row("how", ">", "many"),
        Row("word", "=", ""),
        Row("clock", "=", "noon"),
    ],
)
def test_an_answer_that_the_question_cannot_have_is_no_condition(asked, row):
    with pytest.raises(ValueError):
        building.set_conditions(asked, "x", [row], "any")


def test_a_condition_on_nobody_is_none(asked):
    with pytest.raises(building.NoSuchItem):
        building.set_conditions(asked, "x", [Row("nobody", "exists")], "any")


def test_any_or_all_is_said_of_several_only(asked):
    several = building.set_conditions(asked, "x", [Row("yes", "=", "true"), Row("how", ">", "1")], "all")
    assert building.find(several, "x")["enableBehavior"] == "all"
    one = building.set_conditions(several, "x", [Row("yes", "=", "true", 0)], "all")
    assert "enableBehavior" not in building.find(one, "x")
    none = building.set_conditions(one, "x", [], "any")
    assert building.find(none, "x") == building.find(asked, "x")


def test_a_condition_that_did_not_change_keeps_its_json(asked):
    strange = {**when("yes"), "id": "c1", "extension": [STRANGE]}
    building.find(asked, "x")["enableWhen"] = [strange]
    rows = building.condition_rows(building.Index(asked), building.find(asked, "x"))
    changed = building.set_conditions(asked, "x", [*rows, Row("how", ">", "1")], "any")
    assert building.find(changed, "x")["enableWhen"][0] == strange


def test_an_answer_that_is_not_offered_any_more_stays_until_it_is_changed(asked):
    gone = {"question": "one", "operator": "=", "answerCoding": {"code": "gone", "display": "Gone"}}
    building.find(asked, "x")["enableWhen"] = [gone]
    rows = building.condition_rows(building.Index(asked), building.find(asked, "x"))
    assert rows == [Row("one", "=", None, 0)]
    assert building.set_conditions(asked, "x", rows, "any") == asked


def test_answers_of_a_contained_value_set_are_offered_too():
    concepts = [{"code": "a", "display": "A"}, {"code": "b", "display": "B"}]
    value_set = {
        "resourceType": "ValueSet",
        "id": "v",
        "compose": {"include": [{"system": "urn:s", "concept": concepts}]},
    }
    form = resource(item("q", "choice", answerValueSet="#v"), item("x"), contained=[value_set])
    changed = building.set_conditions(form, "x", [Row("q", "=", "1")], "any")
    assert building.find(changed, "x")["enableWhen"][0]["answerCoding"] == {
        "system": "urn:s", "code": "b", "display": "B",
    }  # fmt: skip


def test_a_condition_may_name_any_question_but_itself_and_what_stands_below(form):
    assert [each["linkId"] for each in building.askable(form, "d")] == ["a", "b", "c"]
    assert [each["linkId"] for each in building.askable(form, "g")] == ["a", "d"]
    assert [each["linkId"] for each in building.askable(form, "b")] == ["a", "c", "d"]


@pytest.mark.parametrize(("type", "n"), [("integer", 8), ("date", 8), ("choice", 4), ("string", 4), ("attachment", 2)])
def test_only_what_has_an_order_is_compared_by_more_and_less(type, n):
    assert len(building.operators_for(item("q", type))) == n


# Real ones -------------------------------------------------------------------------------------


def real():
    """Those from outside that can be imported."""
    forms = {name: corpus.load("questionnaires", *name.split("/")) for name in corpus.questionnaires()}
    return {name: form for name, form in forms.items() if importable(problems(form))}


REAL = real()


def test_there_are_enough_real_ones():
    assert len(REAL) >= 40


@pytest.mark.parametrize("name", REAL)
def test_conditions_and_options_that_are_written_as_they_were_read_change_nothing(name):
    form = REAL[name]
    index = building.Index(form)
    for place in building.places(form):
        rows = building.condition_rows(index, place.item)
        if rows:
            behavior = place.item.get("enableBehavior", "any")
            assert building.set_conditions(form, place.link_id, rows, behavior) == form
        if options := building.option_rows(place.item):
            assert edit(form, place.link_id, options=options) == form


@pytest.mark.parametrize("name", REAL)
def test_an_item_that_goes_and_comes_back_changes_nothing(name):
    form = REAL[name]
    for link_id in [place.link_id for place in building.places(form) if not building.is_part(place.item)][:8]:
        moved = building.move(form, link_id, "down")
        assert moved == form or building.move(moved, link_id, "up") == form


@pytest.mark.parametrize("name", REAL)
def test_whatever_is_removed_the_rest_can_still_be_imported(name):
    form = REAL[name]
    top = [place.link_id for place in building.places(form) if place.depth == 0][:5]
    for link_id in top if len(form["item"]) > 1 else []:
        wrong = [each for each in problems(building.remove(form, link_id)) if each.severity == "error"]
        assert wrong == []
