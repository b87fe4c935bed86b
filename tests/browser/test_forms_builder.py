"""A form is built in Chromium: by keyboard, without JavaScript, on a phone; and what axe finds on every page of it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from forms_app import building
from forms_app.actions import questionnaires
from forms_app.models import Questionnaire
from tests import factories
from tests.browser.conftest import PHONE
from tests.browser.test_pages import is_accessible
from tests.forms_app.house import coding, item, resource


def url(word, row, query=""):
    return reverse(f"admin:forms_app_questionnaire_{word}", args=[row.pk]) + query


@pytest.fixture
def nora(cast):
    """A nurse who runs the practice's forms."""
    return factories.staff("Nora Nurse", "Practice manager")


@pytest.fixture
def draft(cast):
    """A draft with a group, a condition, answers that tell the provider, and a long question without a space."""
    alert = {"extension": [{"url": "urn:client-portal:alert", "valueBoolean": True}]}
    when = {"question": "how", "operator": "=", "answerCoding": coding("b")["valueCoding"]}
    form = resource(
        item("g", "group", item=[item("name", required=True), item("born", "date")]),
        item("how", "choice", answerOption=[coding("a"), coding("b", **alert)]),
        item("why", "text", enableWhen=[when]),
        item("agree", "boolean", text="A_very_long_sentence_without_any_space_in_it_" * 4),
    )
    return questionnaires.import_resource(form, by=cast.olga)


def pages(row, frozen):
    yield reverse("admin:forms_app_questionnaire_changelist")
    yield reverse("admin:forms_app_questionnaire_add")
    for word in ("change", "details", "discard", "item", "preview", "publish", "json", "history"):
        yield url(word, row)
    yield url("item", row, "?kind=choices")
    yield url("item", row, "?kind=decimal")
    for word in ("item", "conditions", "move", "remove"):
        yield url(word, row, "?link=how")
    yield url("conditions", row, "?link=why")
    yield url("change", frozen)


def test_every_page_of_the_builder_is_accessible_in_light_in_dark_and_at_320_px(cast, draft, page, sign_in, axe):
    frozen = questionnaires.import_resource(resource(item("a"), url="urn:frozen", title="Published"), by=None)
    questionnaires.publish(frozen, by=None)
    sign_in(page, cast.olga)
    for address in pages(draft, frozen):
        is_accessible(page, address, axe)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.press("Enter")


def test_a_nurse_builds_an_intake_with_a_condition_tries_and_publishes_it_by_keyboard(nora, page, sign_in, axe):
    sign_in(page, nora)
    page.goto(reverse("admin:forms_app_questionnaire_changelist"))
    page.get_by_role("link", name="New form").press("Enter")
    page.get_by_label("Title").focus()
    page.keyboard.type("New client intake")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="New client intake").wait_for()

    page.get_by_label("What to add at the end").select_option("choice")
    press(page, "Add at the end")
    page.get_by_label("Question").focus()
    page.keyboard.type("Do you smoke?")
    page.get_by_label("The answers, one a line").focus()
    page.keyboard.type("Never = 0\nSometimes = 1\nDaily = 2")
    press(page, "Save")
    page.get_by_role("link", name="Do you smoke?").wait_for()

    page.get_by_label("What to add at the end").select_option("integer")
    press(page, "Add at the end")
    page.get_by_label("Question").focus()
    page.keyboard.type("How many a day?")
    press(page, "Save, and say when it is shown")
    page.get_by_label("The answer to").select_option(label="Do you smoke?")
    press(page, "Add this condition")
    expect(page.get_by_label("How to compare: Do you smoke?")).to_be_focused()
    page.get_by_label("Answer: Do you smoke?").select_option(label="Daily")
    axe(page)
    press(page, "Save")
    page.get_by_text("Shown when “Do you smoke?” is “Daily”").wait_for()

    page.get_by_role("link", name="Preview").press("Enter")
    expect(page.get_by_text("How many a day?")).to_be_hidden()
    page.get_by_label("Daily").press("Space")
    press(page, "Show what changes")
    expect(page.get_by_text("How many a day?")).to_be_visible()

    page.get_by_role("link", name="Back to the items").press("Enter")
    page.get_by_role("link", name="Check and publish").press("Enter")
    press(page, "Publish")
    page.get_by_text("Published. It can be assigned now.").wait_for()
    row = Questionnaire.objects.get()
    assert row.status == "active" and row.published_by == nora
    assert building.find(row.resource, "how-many-a-day")["enableWhen"][0]["answerCoding"]["code"] == "daily"


def test_the_focus_stays_with_what_is_moved(cast, draft, page, sign_in):
    sign_in(page, cast.olga)
    page.goto(url("change", draft))
    for _ in range(2):
        up = page.get_by_role("button", name="Move up: Question why")
        up.press("Enter")
        page.wait_for_url("**/change/?at=why&on=up")
        if page.get_by_role("button", name="Move up: Question why").is_enabled():
            expect(page.get_by_role("button", name="Move up: Question why")).to_be_focused()
    # At the top there is no way up any more: the focus is on the way down.
    expect(page.get_by_role("button", name="Move down: Question why")).to_be_focused()


def test_errors_take_the_focus_and_lead_to_their_fields(cast, draft, page, sign_in, axe):
    sign_in(page, cast.olga)
    page.goto(url("item", draft, "?link=how"))
    page.get_by_label("Question").fill("")
    page.get_by_label("Counts: b").fill("much")
    press(page, "Save")
    expect(page.locator(".error-summary")).to_be_focused()
    axe(page)
    page.locator(".error-summary").get_by_role("link", name="Counts").press("Enter")
    expect(page.get_by_label("Counts: b")).to_be_focused()
    assert page.get_by_label("Counts: b").input_value() == "much"


def test_everything_works_without_javascript_on_a_phone(cast, draft, new_context, sign_in):
    page = new_context(java_script_enabled=False, viewport=PHONE).new_page()
    sign_in(page, cast.olga)
    page.goto(url("change", draft))
    page.get_by_label("Tick “Question how”").check()
    page.get_by_label("Tick “Question why”").check()
    page.get_by_label("Heading of the new group").fill("Habits")
    page.get_by_role("button", name="Put the ticked ones into it").click()
    page.get_by_role("link", name="Habits").wait_for()
    more = page.locator("li.line", has_text="Question born").locator("details")
    more.locator("summary").click()
    more.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**on=copy")
    draft.refresh_from_db()
    assert [place.link_id for place in building.places(draft.resource)] == [
        "g", "name", "born", "born-2", "habits", "how", "why", "agree",
    ]  # fmt: skip


def test_the_second_of_two_reads_who_was_first(cast, nora, draft, page, new_context, sign_in):
    other = new_context().new_page()
    for browser, who in ((page, cast.olga), (other, nora)):
        sign_in(browser, who)
        browser.goto(url("item", draft, "?link=why"))
    other.get_by_label("Question").fill("Theirs")
    press(other, "Save")
    other.wait_for_url("**/change/**")
    page.get_by_label("Question").fill("Mine")
    press(page, "Save")
    page.locator(".error-summary").get_by_text("Nora Nurse changed this form at").wait_for()
    page.get_by_text("What is stored now").wait_for()
    assert page.get_by_label("Question").input_value() == "Mine"
    press(page, "Save")
    page.get_by_role("link", name="Mine").wait_for()
