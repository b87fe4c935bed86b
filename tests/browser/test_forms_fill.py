"""Filling in a form in Chromium without scripts, by keyboard alone, on a phone; and how a grid looks."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from forms_app.models import Assignment, Draft
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_markup import PAYLOADS
from tests.forms_app import sheets
from tests.forms_app.house import asked, item, save
from tests.forms_app.sheets import choice, form, group


def at(made, query=""):
    return reverse("forms_app:fill", args=[made.pk]) + query


@pytest.fixture
def phone(new_context):
    """A phone with JavaScript switched off."""
    return new_context(java_script_enabled=False, viewport=PHONE).new_page()


def steps(*, required=""):
    return [
        group(f"g{g}", *[item(f"q{g}{n}", required=f"q{g}{n}" == required) for n in range(5)], text=f"Part {g}")
        for g in range(3)
    ]


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def test_a_form_in_steps_is_filled_by_keyboard_and_submitted_without_a_script(phone, cast, sign_in):
    made = form(cast.alice_client, *steps(required="q21"))
    sign_in(phone, cast.alice)
    phone.goto(at(made))
    phone.get_by_label("Question q00").focus()
    for n in range(5):
        phone.keyboard.type(f"answer {n}")
        phone.keyboard.press("Tab")
    expect(phone.get_by_role("button", name="Save and continue")).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Step 2 of 4: Part 1")).to_be_visible()
    press(phone, "Save and continue")
    press(phone, "Save and continue")
    expect(phone.get_by_text("Please look over your answers")).to_be_visible()
    expect(phone.get_by_text("answer 3")).to_be_visible()
    press(phone, "Submit")
    expect(phone.get_by_role("alert")).to_contain_text("One answer is missing")
    phone.get_by_role("alert").get_by_role("link").click()
    # The link opens the other step, and what is typed next goes into the field.
    expect(phone.get_by_text("Step 3 of 4: Part 2")).to_be_visible()
    expect(phone.get_by_label("Question q21")).to_be_focused()
    phone.keyboard.type("here it is")
    press(phone, "Save and go back to the last step")
    press(phone, "Submit")
    expect(phone.get_by_text("Submitted. Thank you")).to_be_visible()
    made.refresh_from_db()
    assert made.status == Assignment.Status.SUBMITTED


def test_a_link_of_the_summary_leads_the_keyboard_to_its_field_on_the_same_page(page, cast, sign_in):
    made = form(
        cast.alice_client, item("a", required=True), choice("c", required=True), sheets.signature(required=True)
    )
    sign_in(page, cast.alice)
    page.goto(at(made))
    press(page, "Submit")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading")).to_have_text("3 answers are missing")
    for number, field in enumerate(("#q-a", "#q-c", "#q-sign")):
        summary.get_by_role("link").nth(number).focus()
        page.keyboard.press("Enter")
        expect(page.locator(field)).to_be_focused()


def test_the_enter_key_in_a_field_saves_and_does_not_submit(phone, cast, sign_in):
    made = form(cast.alice_client, item("a"))
    sign_in(phone, cast.alice)
    phone.goto(at(made))
    phone.get_by_label("Question a").fill("typed")
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("Question a")).to_have_value("typed")
    expect(phone.locator("[data-saved]")).to_contain_text("Saved")
    assert Draft.objects.get().entries == {"a": ["typed"]} and not made.responses.exists()


def test_a_question_comes_up_without_a_script_and_the_page_says_so(phone, cast, sign_in):
    yes = {"enableWhen": [{"question": "b", "operator": "=", "answerBoolean": True}]}
    made = form(cast.alice_client, item("b", "boolean"), item("since", text="Since when?", **yes))
    sign_in(phone, cast.alice)
    phone.goto(at(made))
    expect(phone.get_by_label("Since when?")).to_be_hidden()
    phone.get_by_label("Yes").check()
    press(phone, "Submit")
    expect(phone.get_by_text("Your answers bring up one more question")).to_be_visible()
    phone.get_by_role("link", name="Since when?").click()
    expect(phone.get_by_label("Since when?")).to_be_focused()


def test_something_else_has_its_line_only_once_it_is_chosen(phone, cast, sign_in):
    made = form(cast.alice_client, choice("c", kind="open-choice"))
    sign_in(phone, cast.alice)
    phone.goto(at(made))
    line = phone.get_by_role("textbox", name="Something else:")
    expect(line).to_be_hidden()
    phone.get_by_role("radio", name="Something else").check()
    line.fill("my own words")
    press(phone, "Save and finish later")
    assert Draft.objects.get().entries == {"c": [{"other": "my own words"}]}


def test_a_grid_is_a_table_where_it_is_wide_and_one_question_after_the_other_on_a_phone(phone, cast, sign_in):
    made = form(cast.alice_client, *[choice(f"c{n}", many=4) for n in range(4)])
    sign_in(phone, cast.alice)
    phone.set_viewport_size(WIDE)
    phone.goto(at(made))
    columns = [phone.locator(f"#q-c{row}-2").bounding_box()["x"] for row in range(4)]
    assert len(set(columns)) == 1
    tops = {phone.locator(f"#q-c0{end}").bounding_box()["y"] for end in ("", "-1", "-2", "-3")}
    assert len(tops) == 1
    phone.set_viewport_size(PHONE)
    tops = [phone.locator(f"#q-c0{end}").bounding_box()["y"] for end in ("", "-1", "-2", "-3")]
    assert sorted(set(tops)) == tops
    # Whole for a screen reader either way.
    expect(phone.get_by_role("group", name="Question c1").get_by_role("radio")).to_have_count(4)
    phone.get_by_role("group", name="Question c1").get_by_role("radio", name="Answer 2").check()
    phone.set_viewport_size(WIDE)
    expect(phone.get_by_role("group", name="Question c1").get_by_role("radio", name="Answer 2")).to_be_checked()


def test_a_grid_of_which_no_question_applies_leaves_no_head_behind(phone, cast, sign_in):
    yes = {"enableWhen": [{"question": "b", "operator": "=", "answerBoolean": True}]}
    made = form(cast.alice_client, item("b", "boolean"), *[choice(f"c{n}", many=4, **yes) for n in range(3)])
    sign_in(phone, cast.alice)
    phone.set_viewport_size(WIDE)
    phone.goto(at(made))
    head = phone.locator(".likert-head")
    expect(head).to_be_hidden()
    phone.get_by_label("Yes").check()
    press(phone, "Submit")
    expect(head).to_be_visible()


def test_everything_one_presses_is_large_enough_for_a_thumb(phone, cast, sign_in):
    [pk] = sheets.begun(cast.alice_client, cast.alice, cast.olga)
    sign_in(phone, cast.alice)
    phone.goto(reverse("forms_app:fill", args=[pk]))
    inputs = "input:not([type=hidden], [type=radio], [type=checkbox])"
    heights = phone.locator(f"#fill :is(.choices label, .likert-choice, .button, select, {inputs})")
    low = [box for box in (each.bounding_box() for each in heights.all()) if box and box["height"] < 43]
    assert not low


def test_medicines_come_and_go_without_a_script(phone, cast, sign_in):
    made = form(cast.alice_client, group("m", item("name", text="Name"), repeats=True, text="A medicine"))
    sign_in(phone, cast.alice)
    phone.goto(at(made))
    phone.get_by_label("Name").fill("Aspirin")
    phone.get_by_role("button", name="Add another").click()
    # The browser went to the new one.
    expect(phone.get_by_label("Name").nth(1)).to_be_focused()
    phone.keyboard.type("Zinc")
    phone.get_by_role("button", name="Remove").first.click()
    expect(phone.get_by_label("Name")).to_have_count(1)
    expect(phone.get_by_label("Name")).to_have_value("Zinc")


def test_s39_markup_in_a_form_and_in_its_answers_runs_nothing(page, cast, sign_in):
    texts = [text for text in PAYLOADS if "\x00" not in text]
    options = [{"valueString": text} for text in texts[:20]]
    asks = [item(f"q{n}", text=text) for n, text in enumerate(texts)]
    made = asked(cast.alice_client, *asks, item("c", "choice", answerOption=options))
    save(made, cast.alice, **{f"q{n}": text for n, text in enumerate(texts)})
    sign_in(page, cast.alice)
    page.goto(at(made))
    assert page.evaluate("document.querySelectorAll('form#fill img, form#fill iframe, form#fill a[href]').length") == 0
    assert page.locator("form#fill input[type=text]").count() >= len(texts)
