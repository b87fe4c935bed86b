"""Filling in a form by plain posts: shown, saved, stepped through, submitted. No script runs in any of these."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_app.actions import assignments, reviews
from forms_app.models import Assignment, Draft, DraftVersion, Questionnaire
from tests.forms_app.house import asked, coding, item, published, submit
from tests.forms_app.paper import open_form

pytestmark = pytest.mark.django_db

Status = Assignment.Status


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def group(link_id, *items, **more):
    return item(link_id, "group", item=list(items), **more)


def when(question, operator="=", **answer):
    return {"enableWhen": [{"question": question, "operator": operator, **answer}]}


def parts(*, of=5, many=3):
    """Enough groups and questions for steps: g1 with q1.1 to q1.5, and so on."""
    return [group(f"g{g}", *[item(f"q{g}.{n}") for n in range(1, of + 1)]) for g in range(1, many + 1)]


# Who sees what ---------------------------------------------------------------------------------


def test_a_form_is_shown_with_its_questions_and_says_that_nobody_sees_it_yet(cast, alice):
    paper = open_form(alice, asked(cast.alice_client, item("a"), item("b", "boolean")))
    assert [label.text.split() for label in paper.inside("a", "label")] == [["Question", "a"]]
    assert "Your provider does not see this until you submit." in paper.html
    assert "0 of 2 answered" in paper.html


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_yours_is_not_there(cast, signed_in, method):
    made = asked(cast.alice_client, item("a"))
    url = f"/forms/{made.pk}/fill/"
    assert getattr(signed_in(cast.bob), method)(url, {"_revision": "0", "_do": "save"}).status_code == 404
    assert not Draft.objects.exists()


def test_with_several_people_each_page_names_the_person(cast, signed_in, alice):
    made = asked(cast.timo, item("a"))
    assert "For Timo" in open_form(signed_in(cast.gina), made).html
    assert "For Alice" not in open_form(alice, asked(cast.alice_client, item("a"), url="http://example.org/2")).html


def test_the_day_it_is_due_is_said_and_when_it_is_past(cast, alice):
    made = asked(cast.alice_client, item("a"))
    Assignment.objects.update(due_on=date(2001, 2, 3))
    paper = open_form(alice, made)
    assert "Due Feb. 3, 2001" in paper.html and "Overdue" in paper.html


def test_what_the_form_fills_in_is_there_and_is_not_saved_by_looking(cast, alice):
    made = asked(cast.alice_client, item("a", initial=[{"valueString": "from the form"}]))
    assert open_form(alice, made)["a"] == ["from the form"]
    assert not Draft.objects.exists()


# Kept ------------------------------------------------------------------------------------------


def test_save_and_finish_later_keeps_what_is_there_even_what_cannot_be_right(cast, alice):
    made = asked(cast.alice_client, item("a", required=True), item("n", "integer"))
    paper = open_form(alice, made)
    paper["n"] = "three"
    done = paper.press("save")
    assert "Saved." in done.html and done.answer.request["PATH_INFO"] == "/forms/"
    assert Draft.objects.get().entries == {"n": ["three"]}
    made.refresh_from_db()
    assert made.status == Status.IN_PROGRESS


def test_it_goes_on_where_it_was_left_with_what_cannot_be_right_said_beside_it(cast, alice):
    made = asked(cast.alice_client, item("a", required=True), item("n", "integer"))
    paper = open_form(alice, made)
    paper["n"] = "three"
    paper.press("save")
    again = open_form(alice, made)
    assert again["n"] == ["three"]
    assert again.by_id("q-n").attributes["aria-describedby"] == "q-n-error"
    assert again.by_id("q-n").attributes["aria-invalid"] == "true"
    assert "Error:" in again.by_id("q-n-error").text
    # Nothing is missing before somebody wants to submit.
    assert "aria-invalid" not in again.by_id("q-a").attributes and not again.summary


def test_how_far_it_is_counts_what_is_asked_and_can_be_answered(cast, alice):
    made = asked(cast.alice_client, item("a"), item("b"), item("c", **when("a", answerString="x")))
    paper = open_form(alice, made)
    paper["a"] = "y"
    paper.press("save")
    again = open_form(alice, made)
    assert "1 of 2 answered" in again.html
    assert again.find("progress")[0].attributes["value"] == "1"


def test_the_enter_key_saves_and_stays_and_never_submits(cast, alice):
    made = asked(cast.alice_client, item("a"))
    paper = open_form(alice, made)
    first = next(e for e in paper.find("button") if e.attributes.get("name") == "_do")
    assert first.attributes["value"] == "step:1" and first.attributes["tabindex"] == "-1"
    paper["a"] = "typed"
    again = paper.press("step:1")
    assert again["a"] == ["typed"] and Draft.objects.get().entries == {"a": ["typed"]}
    made.refresh_from_db()
    assert made.status == Status.IN_PROGRESS


def test_the_page_loaded_again_after_saving_saves_nothing_twice(cast, alice):
    made = asked(cast.alice_client, item("a"))
    paper = open_form(alice, made)
    paper["a"] = "typed"
    paper.press("step:1")
    paper.press("step:1")
    assert Draft.objects.get().entries == {"a": ["typed"]} and not DraftVersion.objects.exists()


def test_what_another_device_saved_meanwhile_is_not_overwritten(cast, alice):
    made = asked(cast.alice_client, item("a"))
    one, other = open_form(alice, made), open_form(alice, made)
    one["a"], other["a"] = "first", "second"
    one.press("step:1")
    seen = other.press("step:1")
    assert seen.answer.request["PATH_INFO"] == f"/forms/{made.pk}/versions/"
    assert Draft.objects.get().entries == {"a": ["first"]}
    assert DraftVersion.objects.get().entries == {"a": ["second"]}


def test_a_submit_over_another_devices_answers_asks_first(cast, alice):
    made = asked(cast.alice_client, item("a"))
    one, other = open_form(alice, made), open_form(alice, made)
    one["a"], other["a"] = "first", "second"
    one.press("step:1")
    assert other.press("submit").answer.request["PATH_INFO"] == f"/forms/{made.pk}/versions/"
    made.refresh_from_db()
    assert made.status == Status.IN_PROGRESS


# Submitted -------------------------------------------------------------------------------------


def test_submit_is_refused_with_a_summary_that_links_to_each_missing_answer(cast, alice):
    asks = [item(key, required=True) for key in "abc"]
    made = asked(cast.alice_client, *asks, item("d"))
    paper = open_form(alice, made)
    paper["d"] = "kept"
    refused = paper.press("submit")
    assert refused.status == 422
    assert "3 answers are missing" in refused.html and refused.title.startswith("Error:")
    assert [href for _words, href in refused.summary] == ["#q-a", "#q-b", "#q-c"]
    for key in "abc":
        assert refused.by_id(f"q-{key}").attributes["aria-describedby"] == f"q-{key}-error"
    box = next(e for e in refused.elements if e.attributes.get("class") == "error-summary")
    assert box.attributes["tabindex"] == "-1" and "data-autofocus" in box.attributes
    assert refused["d"] == ["kept"] and Draft.objects.get().entries == {"d": ["kept"]}


def test_one_missing_answer_is_said_in_the_singular_and_a_wrong_one_apart(cast, alice):
    made = asked(cast.alice_client, item("a", required=True), item("n", "integer"))
    paper = open_form(alice, made)
    paper["n"] = "three"
    refused = paper.press("submit")
    assert "One answer is missing" in refused.html and "One answer needs a look" in refused.html
    assert [href for _words, href in refused.summary] == ["#q-a", "#q-n"]


def test_what_is_refused_is_put_right_and_submitted(cast, alice):
    made = asked(cast.alice_client, item("a", required=True))
    refused = open_form(alice, made).press("submit")
    refused["a"] = "here"
    done = refused.press("submit")
    assert "Submitted. Thank you" in done.html
    response = made.responses.get()
    assert response.resource["item"][0]["answer"] == [{"valueString": "here"}]
    assert str(response.submitted_by) == str(cast.alice)


def test_what_a_condition_hides_is_not_required_and_not_submitted(cast, alice):
    made = asked(
        cast.alice_client,
        item("a", "boolean"),
        item("b", required=True, **when("a", answerBoolean=True)),
    )
    paper = open_form(alice, made)
    assert paper.is_hidden("b")
    paper["a"] = "true"
    shown = paper.press("step:1")
    assert not shown.is_hidden("b")
    shown["b"] = "secret"
    shown["a"] = "false"
    assert "Submitted. Thank you" in shown.press("submit").html
    assert [one["linkId"] for one in made.responses.get().resource["item"]] == ["a"]


def test_questions_that_the_answers_bring_up_are_shown_before_it_is_submitted(cast, alice):
    made = asked(cast.alice_client, item("a", "boolean"), item("b", **when("a", answerBoolean=True)))
    paper = open_form(alice, made)
    paper["a"] = "true"
    stays = paper.press("submit")
    assert "Your answers bring up one more question" in stays.html and stays.status == 200
    assert not stays.is_hidden("b") and not made.responses.exists()
    assert "Submitted. Thank you" in stays.press("submit").html


def test_submitted_it_says_so_and_leads_to_what_was_submitted(cast, alice):
    made = asked(cast.alice_client, item("a"))
    late = open_form(alice, made)
    submit(made, cast.alice, a="yes")
    paper = open_form(alice, made)
    assert "Already submitted" in paper.html
    assert paper.find("a", href=f"/forms/{made.pk}/response/")
    late["a"] = "too late"
    for do in ("submit", "save", "next"):
        assert "Already submitted" in late.press(do).html
    assert made.responses.get().resource["item"][0]["answer"] == [{"valueString": "yes"}]


def test_accepted_it_is_shown_as_submitted(cast, alice):
    made = asked(cast.alice_client, item("a"))
    done = submit(made, cast.alice, a="yes")
    reviews.accept(done.response, by=cast.dana)
    assert "Already submitted" in open_form(alice, made).html


def test_cancelled_meanwhile_it_is_no_longer_needed(cast, alice):
    made = asked(cast.alice_client, item("a"))
    late = open_form(alice, made)
    assignments.cancel(made, by=cast.dana)
    assert "This form is no longer needed." in open_form(alice, made).html
    late["a"] = "typed"
    for do in ("save", "submit"):
        assert "This form is no longer needed." in late.press(do).html
    assert not Draft.objects.exists()


def test_returned_it_shows_the_comments_on_top_and_beside_the_answers(cast, alice):
    made = asked(cast.alice_client, item("a"), item("b"))
    done = submit(made, cast.alice, a="yes", b="no")
    reviews.send_back(done.response, by=cast.dana, comment="Please look again", comments={"b": "Which <one>?"})
    paper = open_form(alice, made)
    assert "The practice has sent this form back" in paper.html and "Please look again" in paper.html
    assert "Which <one>?" in paper.by_id("q-b-comment").text
    assert "q-b-comment" in paper.by_id("q-b").attributes["aria-describedby"]
    assert paper["a"] == ["yes"]
    # Also after it was saved, until it is submitted.
    paper["b"] = "the second"
    again = paper.press("step:1")
    assert "Which <one>?" in again.by_id("q-b-comment").text and "Please look again" in again.html
    assert "Submitted. Thank you" in again.press("submit").html
    assert made.responses.count() == 2


@pytest.mark.parametrize("becomes", ["retired", "newer"])
def test_s54_an_open_form_stays_on_its_version(cast, alice, becomes):
    made = asked(cast.alice_client, item("a"))
    paper = open_form(alice, made)
    paper["a"] = "typed before"
    paper = paper.press("step:1")
    Questionnaire.objects.update(status=Questionnaire.Status.RETIRED)
    if becomes == "newer":
        published(item("z"), version="2")
    paper = open_form(alice, made)
    assert paper["a"] == ["typed before"] and "Question z" not in paper.html
    assert "Submitted. Thank you" in paper.press("submit").html
    assert made.responses.get().resource["questionnaire"].endswith("|1")


# Steps -----------------------------------------------------------------------------------------


def test_a_short_form_stays_on_one_page(cast, alice):
    paper = open_form(alice, asked(cast.alice_client, *parts(of=2)))
    assert not paper.find("nav", aria_label="Steps of this form")
    assert {"q1.1", "q3.2"} <= set(paper["_shown"])


def test_a_long_form_of_groups_is_in_steps_that_end_with_a_last_look(cast, alice):
    paper = open_form(alice, asked(cast.alice_client, *parts()))
    assert "Step 1 of 4" in paper.html
    steps = [e for e in paper.find("button") if any(w.attributes.get("class") == "fill-steps" for w in e.within)]
    assert [step.attributes["value"] for step in steps] == ["step:1", "step:2", "step:3", "step:4"]
    assert [step.attributes.get("aria-current") for step in steps] == ["step", None, None, None]
    assert paper["_shown"] == [f"q1.{n}" for n in range(1, 6)]


def test_pages_of_the_forms_own_are_steps_however_short(cast, alice):
    control = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
        "valueCodeableConcept": {"coding": [{"code": "page"}]},
    }
    form = [group(f"p{n}", item(f"a{n}"), extension=[control]) for n in (1, 2)]
    assert "Step 1 of 3" in open_form(alice, asked(cast.alice_client, *form)).html


def test_each_step_posts_its_own_questions_and_keeps_those_of_the_others(cast, alice):
    made = asked(cast.alice_client, *parts())
    paper = open_form(alice, made)
    paper["q1.1"] = "one"
    second = paper.press("next")
    assert "Step 2 of 4" in second.html
    second["q2.1"] = "two"
    third = second.press("next")
    assert third.press("back")["q2.1"] == ["two"]
    assert Draft.objects.get().entries == {"q1.1": ["one"], "q2.1": ["two"]}
    assert third.press("step:1")["q1.1"] == ["one"]


def test_the_last_look_shows_the_answers_and_what_is_missing_with_a_way_to_each(cast, alice):
    form = parts()
    form[2]["item"][0]["required"] = True
    made = asked(cast.alice_client, *form)
    paper = open_form(alice, made)
    paper["q1.1"] = "the <first> answer"
    paper.press("save")
    look = open_form(alice, made, "?step=4")
    assert "Please look over your answers" in look.html
    assert "the <first> answer" in "".join(e.text for e in look.find("dd"))
    assert look.find("a", href="?step=1") and look.find("a", href="?step=3")
    assert look.find("button", value="submit")
    refused = look.press("submit")
    assert refused.status == 422 and "One answer is missing" in refused.html
    assert refused.summary[0][1] == "?step=3&check=1#q-q3_2e_1"


def test_the_last_look_tells_several_of_a_group_apart_and_shows_what_cannot_be_read(cast, alice):
    form = parts()
    form[0]["item"].append(
        {**medicines(text="Medicine"), "item": [item("amount", "quantity"), item("dose", "decimal")]}
    )
    made = asked(cast.alice_client, *form)
    paper = open_form(alice, made)
    paper["amount#0"], paper["dose#0"] = "a spoon", "2"
    two = paper.press("add:m")
    two["dose#1"] = "much"
    two.press("save")
    look = open_form(alice, made, "?step=4")
    said = {" ".join(e.text.split()) for e in look.find("div") if e.text.strip().startswith("Medicine")}
    assert {
        "Medicine 1 · Question amount a spoon Please enter a number, such as 12.5.",
        "Medicine 1 · Question dose 2",
        "Medicine 2 · Question dose much Please enter a number, such as 12.5.",
    } <= said
    # So does the summary of what is wrong.
    assert any("Medicine 2 · Question dose" in line[0] for line in look.press("submit").summary)


def test_a_link_from_the_summary_opens_its_step_with_the_error_at_the_field(cast, alice):
    form = parts()
    form[2]["item"][0]["required"] = True
    made = asked(cast.alice_client, *form)
    refused = open_form(alice, made, "?step=4").press("submit")
    [(_words, href)] = refused.summary
    paper = open_form(alice, made, href.partition("#")[0])
    field = paper.by_id(href.partition("#")[2])
    assert field.attributes["name"] == "q3.1" and field.attributes["aria-invalid"] == "true"
    # And from there straight back to the end.
    paper["q3.1"] = "here"
    end = paper.press(paper.find("button", class_="button primary")[0].attributes["value"])
    assert "Step 4 of 4" in end.html and not end.summary
    assert "Submitted. Thank you" in end.press("submit").html


def test_a_step_that_does_not_apply_is_passed_over(cast, alice):
    form = parts()
    form[1] |= when("q1.1", answerString="yes")
    made = asked(cast.alice_client, *form)
    paper = open_form(alice, made)
    assert "Step 1 of 3" in paper.html
    assert "q3.1" in paper.press("next")["_shown"]
    paper = open_form(alice, made)
    paper["q1.1"] = "yes"
    assert "q2.1" in paper.press("next")["_shown"]


def test_next_waits_for_questions_that_the_answers_bring_up_on_the_same_step(cast, alice):
    form = parts()
    form[0]["item"].append(item("q1.more", **when("q1.1", answerString="yes")))
    made = asked(cast.alice_client, *form)
    paper = open_form(alice, made)
    paper["q1.1"] = "yes"
    stays = paper.press("next")
    assert "Step 1 of 4" in stays.html and "one more question" in stays.html
    assert stays.find("a", href="#q-q1_2e_more") and not stays.is_hidden("q1.more")
    assert "Step 2 of 4" in stays.press("next").html


def test_next_waits_while_something_on_the_step_cannot_be_right(cast, alice):
    form = parts()
    form[0]["item"][0]["type"] = "integer"
    made = asked(cast.alice_client, *form)
    paper = open_form(alice, made)
    paper["q1.1"] = "three"
    stays = paper.press("next")
    assert stays.status == 422 and "Step 1 of 4" in stays.html and stays.summary[0][1] == "#q-q1_2e_1"
    # Back, another step, and later are always open.
    assert "Step 2 of 4" in stays.press("step:2").html


@pytest.mark.parametrize("step", ["0", "99", "-1", "x", "1e3", "٣", "9" * 400])
def test_a_step_that_is_none_shows_one_that_is(cast, alice, step):
    assert open_form(alice, asked(cast.alice_client, *parts()), f"?step={step}").status == 200


def test_a_choice_whose_options_are_not_in_the_form_is_answered_in_ones_own_words(cast, alice):
    code = {"system": "http://example.org/codes", "code": "a1", "display": "Known to them"}
    elsewhere = {"answerValueSet": "http://example.org/elsewhere", "required": True}
    made = asked(
        cast.alice_client,
        item("why", "open-choice", **elsewhere),
        item("all", "open-choice", repeats=True, **elsewhere, initial=[{"valueCoding": code}]),
    )
    paper = open_form(alice, made)
    assert paper["all"] == ["Known to them", ""]
    paper["why"], paper["all"] = "my own reason", ["Known to them", "and another"]
    again = paper.press("step:1")
    assert again["why"] == ["my own reason"] and again["all"] == ["Known to them", "and another", ""]
    assert "Submitted. Thank you" in again.press("submit").html
    # What was not changed stays the code that it was.
    said = [one["answer"] for one in made.responses.get().resource["item"]]
    assert said == [[{"valueString": "my own reason"}], [{"valueCoding": code}, {"valueString": "and another"}]]


# Groups that repeat ----------------------------------------------------------------------------


def medicines(**more):
    return group("m", item("name"), item("dose", "decimal"), repeats=True, **more)


def test_a_group_is_added_filled_and_removed_without_a_script(cast, alice):
    made = asked(cast.alice_client, medicines())
    paper = open_form(alice, made)
    paper["name#0"] = "Aspirin"
    two = paper.press("add:m")
    assert two["name#0"] == ["Aspirin"] and two["name#1"] == [""]
    two["name#1"] = "Ibuprofen"
    three = two.press("add:m")
    three["name#2"] = "Zinc"
    fewer = three.press("remove:m:1")
    assert fewer["name#0"] == ["Aspirin"] and fewer["name#2"] == ["Zinc"] and "name#1" not in fewer.fields
    assert "Submitted. Thank you" in fewer.press("submit").html
    groups = made.responses.get().resource["item"]
    assert [one["item"][0]["answer"][0]["valueString"] for one in groups] == ["Aspirin", "Zinc"]


def test_pressed_twice_one_is_added(cast, alice):
    made = asked(cast.alice_client, medicines())
    paper = open_form(alice, made)
    paper.press("add:m")
    paper.press("add:m")
    assert "name#1" in open_form(alice, made).fields and "name#2" not in open_form(alice, made).fields


def test_after_adding_the_page_opens_at_the_new_one(cast, alice):
    made = asked(cast.alice_client, medicines())
    paper = open_form(alice, made)
    sent = alice.post(f"/forms/{made.pk}/fill/", {**paper.fields, "_do": "add:m"})
    assert sent.url.endswith("?step=1#q-name_23_1")
    assert open_form(alice, made).by_id("q-name_23_1")


def test_each_of_several_is_told_apart_and_can_be_removed_by_name(cast, alice):
    paper = open_form(alice, asked(cast.alice_client, medicines())).press("add:m")
    removes = [e for e in paper.find("button") if e.attributes.get("value", "").startswith("remove:")]
    assert [" ".join(e.text.split()) for e in removes] == ["Remove: Question m 1", "Remove: Question m 2"]


NONSENSE = ["add:", "add:nothing", "add:name#0", "remove:m", "remove:m:99", "remove::", "remove:nothing:0"]


@pytest.mark.parametrize("do", NONSENSE)
def test_a_button_that_means_nothing_changes_nothing(cast, alice, do):
    made = asked(cast.alice_client, medicines())
    paper = open_form(alice, made)
    paper["name#0"] = "Aspirin"
    assert paper.press(do).status == 200
    assert open_form(alice, made)["name#0"] == ["Aspirin"] and "name#1" not in open_form(alice, made).fields


def test_the_last_one_removed_leaves_an_empty_one(cast, alice):
    made = asked(cast.alice_client, medicines())
    paper = open_form(alice, made).press("add:m")
    paper["name#0"] = "Aspirin"
    paper = paper.press("remove:m:1").press("remove:m:0")
    assert "Aspirin" not in paper.html and Draft.objects.get().percent == 0


# Bad input -------------------------------------------------------------------------------------


def test_what_is_tampered_with_is_an_error_at_its_field_and_the_draft_keeps_what_is_valid(cast, alice):
    made = asked(cast.alice_client, item("c", "choice", answerOption=[coding("x"), coding("y")]), item("a"))
    paper = open_form(alice, made)
    paper["c"], paper["a"], paper["unknown"] = "7", "fine", "x"
    paper["_shown"] = ["c", "a", "unknown"]
    refused = paper.press("submit")
    assert refused.status == 422 and [href for _words, href in refused.summary] == ["#q-c"]
    assert Draft.objects.get().entries["a"] == ["fine"] and "unknown" not in Draft.objects.get().entries


def test_a_page_of_very_many_questions_is_saved_whole(cast, alice):
    made = asked(cast.alice_client, *[item(f"q{n}") for n in range(600)])
    paper = open_form(alice, made)
    paper["q599"] = "the last"
    assert paper.press("step:1")["q599"] == ["the last"]


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.5", "٣", "9" * 400])
def test_a_post_that_no_page_sends_is_refused(cast, alice, revision):
    made = asked(cast.alice_client, item("a"))
    sent = alice.post(f"/forms/{made.pk}/fill/", {"_revision": revision, "_do": "save", "a": "x", "_shown": "a"})
    assert sent.status_code == 400 and not Draft.objects.exists()


def test_s58_an_answer_of_5_mb_and_10000_fields_are_refused_and_nothing_breaks(cast, alice):
    made = asked(cast.alice_client, item("a", "text"))
    url, base = f"/forms/{made.pk}/fill/", {"_revision": "0", "_do": "save", "_shown": "a"}
    assert alice.post(url, {**base, "a": "x" * 5_000_000}).status_code in {400, 413}
    assert alice.post(url, {**base, **{f"k{n}": "x" for n in range(10_000)}}).status_code in {400, 413}
    assert not Draft.objects.exists()


KINDS = ["boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice", "quantity"]
VALUES = [
    json.dumps({"a": [1] * 100}),
    "[" * 1_000,
    "\x00",
    "{}",
    "null",
    "𝟛",
    "9" * 400,
    "-",
    "<script>",
    "\ufeff\u202e",
]


@pytest.mark.parametrize("do", ["save", "next", "submit", "step:1", "add:a", "", "drop:everything", ":", "x" * 5_000])
@pytest.mark.parametrize("value", VALUES)
def test_s58_swapped_types_never_break_the_page(cast, alice, do, value):
    asks = [item(kind, kind, **({"answerOption": [coding("x")]} if kind == "choice" else {})) for kind in KINDS]
    made = asked(cast.alice_client, *asks, item("attachment", "attachment"))
    ends = ("", "~other", "~unit", "~name", "~drawing", "~relationship")
    names = [f"{kind}{end}" for kind in [*KINDS, "attachment"] for end in ends]
    fields = {"_revision": "0", "_page": "p", "_step": value, "_do": do, "_shown": [*KINDS, "attachment", value]}
    sent = alice.post(f"/forms/{made.pk}/fill/", {**fields, **dict.fromkeys(names, value)})
    assert sent.status_code in {200, 302, 422}
    assert open_form(alice, made).status == 200


@pytest.mark.parametrize("page", ["\x00", "é", "a b", "<x>"])
def test_a_page_with_a_key_that_none_has_is_refused(cast, alice, page):
    made = asked(cast.alice_client, item("a"))
    assert alice.post(f"/forms/{made.pk}/fill/", {"_revision": "0", "_page": page}).status_code == 400


SHAPES = [[], {"a": 3}, {"a": {"x": 1}}, {"a": [[["x"]]]}, {"m": [{"x": []}, None, "-1"]}, {"a": [None, True, 5]}]


@pytest.mark.parametrize("entries", SHAPES)
def test_a_draft_of_another_shape_than_drafts_have_is_shown_all_the_same(cast, alice, entries):
    made = asked(cast.alice_client, item("a"), medicines())
    Draft.objects.create(assignment=made, client=cast.alice_client, entries=entries)
    assert open_form(alice, made).status == 200


# Speed -----------------------------------------------------------------------------------------


def hundred(**more):
    return [group(f"g{g}", *[item(f"q{g}.{n}", required=True, **more) for n in range(50)]) for g in range(2)]


def test_the_page_of_a_hundred_items_takes_at_most_12_queries(cast, alice):
    made = asked(cast.alice_client, *hundred())
    open_form(alice, made).press("step:1")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        open_form(alice, made)
    assert len(queries) <= 12, [query["sql"][:150] for query in queries]


def test_saving_a_draft_of_a_hundred_items_asks_the_database_as_little_as_one_of_one(cast, alice):
    def asks(made):
        paper = open_form(alice, made).press("step:1")
        for name in list(paper.fields):
            if name.startswith("q"):
                paper[name] = "typed"
        with CaptureQueriesContext(connection) as queries:
            alice.post(f"/forms/{made.pk}/fill/", {**paper.fields, "_do": "step:1"})
        return [query["sql"] for query in queries]

    many = asks(asked(cast.alice_client, *hundred()))
    few = asks(asked(cast.alice_client, item("q"), url="http://example.org/one"))
    assert len(many) == len(few)
    # What marks the transaction asks for no row.
    asked_for = [sql for sql in many if "SAVEPOINT" not in sql]
    assert len(asked_for) <= 8, [sql[:150] for sql in asked_for]


def test_a_quantity_that_may_be_given_again_has_a_line_for_each_and_one_more(cast, alice):
    unit = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"}
    units = [{**unit, "valueCoding": {"code": code, "display": code}} for code in ("kg", "g")]
    made = asked(cast.alice_client, item("w", "quantity", repeats=True, extension=units))
    paper = open_form(alice, made)
    paper["w"], paper["w~unit"] = ["70"], ["0"]
    paper.press("save")
    paper = open_form(alice, made)
    assert paper["w"] == ["70", ""]
    assert len(paper.find("select", name="w~unit")) == 2
    paper["w"], paper["w~unit"] = ["", "5"], ["0", "1"]
    paper.press("save")
    assert Draft.objects.get().entries["w"] == [{"value": "5", "unit": "1"}]
