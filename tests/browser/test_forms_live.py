"""A form saves itself while it is filled in, and loses nothing: offline, in two tabs, when the session ends."""

import re

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import expect

from forms_app.actions import assignments
from forms_app.models import Assignment, Draft, DraftVersion, QuestionnaireResponse
from tests import factories
from tests.browser.conftest import PHONE, listens
from tests.browser.forms import field, open_form, url_of
from tests.browser.test_idle import come_back_to, rewind, sign_in_by_form, warning
from tests.forms_app.house import asked, item, save, submit

__all__ = ["rewind"]
SIGN_IN = re.compile(r"/account/login/\?next=")
AWAY = "Not saved yet; trying again"


def smoker(link_id="how-many", **more):
    when = [{"question": "smokes", "operator": "=", "answerBoolean": True}]
    return item(link_id, "integer", enableWhen=when, **more)


@pytest.fixture
def form(cast):
    return asked(cast.alice_client, item("name", required=True), item("smokes", "boolean"), smoker(), item("why", "text"))


def entries(assignment):
    return Draft.objects.get(pk=assignment.pk).entries


def said(page):
    return page.locator("[data-saved]")


def saved(page):
    return page.expect_response("**/autosave/")


# While the line holds -----------------------------------------------------------------------------


def test_what_is_typed_is_saved_by_itself_and_its_time_is_said_politely(page, cast, sign_in, form, axe):
    open_form(page, sign_in, cast.alice, form)
    expect(said(page)).to_have_attribute("role", "status")
    field(page, "name").press_sequentially("Alice", delay=20)
    expect(said(page)).to_have_text(re.compile(r"^Saved \d+:\d\d [ap]\.m\.$"))
    expect(page.locator("p[data-progress]")).to_have_text("1 of 3 answered")
    assert entries(form) == {"name": ["Alice"]}
    axe(page)


def test_conditions_and_progress_follow_and_the_caret_stays(page, cast, sign_in, form, axe):
    open_form(page, sign_in, cast.alice, form)
    expect(page.locator('[data-item="how-many"]')).to_be_hidden()
    page.get_by_label("Yes").check()
    expect(page.locator('[data-item="how-many"]')).to_be_visible()
    expect(page.get_by_label("Yes")).to_be_focused()
    expect(page.locator("p[data-progress]")).to_have_text("1 of 4 answered")
    axe(page)
    name = field(page, "name")
    name.fill("Alice Adams")
    name.evaluate("field => field.setSelectionRange(3, 5)")
    with saved(page):
        page.get_by_label("No").evaluate("radio => radio.click()")
    expect(page.locator('[data-item="how-many"]')).to_be_hidden()
    expect(name).to_be_focused()
    assert name.evaluate("field => [field.selectionStart, field.selectionEnd]") == [3, 5]


def test_a_page_that_is_left_at_once_is_saved_all_the_same(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    field(page, "name").fill("typed and gone")
    page.goto(reverse("forms_app:forms"))
    page.goto(url_of(form))
    expect(field(page, "name")).to_have_value("typed and gone")


def test_it_goes_on_on_another_device(page, new_context, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    with saved(page):
        field(page, "name").fill("from the laptop")
    phone = new_context(viewport=PHONE).new_page()
    open_form(phone, sign_in, cast.alice, form)
    expect(field(phone, "name")).to_have_value("from the laptop")


def test_an_answer_that_comes_late_is_not_shown_over_a_newer_one(page, cast, sign_in, form):
    """One request at a time: what is typed meanwhile goes with the next, and its answer is the last."""
    open_form(page, sign_in, cast.alice, form)
    held = []
    page.route("**/autosave/", lambda route: held.append(route) if not held else route.continue_())
    page.get_by_label("Yes").check()
    expect(page.locator("[name=_page]")).to_have_value(re.compile(r"\.1$"))
    page.get_by_label("No").check()
    with saved(page):
        held[0].continue_()
    with saved(page):
        pass
    expect(page.locator('[data-item="how-many"]')).to_be_hidden()
    assert entries(form)["smokes"] == ["false"]
