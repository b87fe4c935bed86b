"""A form saves itself while it is filled in, and loses nothing: offline, in two tabs, when the session ends."""

import re

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import expect

from forms_app.actions import assignments, reviews
from forms_app.models import Assignment, Draft, DraftVersion, QuestionnaireResponse
from tests.browser.conftest import PHONE, listens
from tests.browser.forms import field, open_form, url_of
from tests.browser.test_idle import come_back_to, rewind, sign_in_by_form, warning
from tests.forms_app.house import asked, item, submit

__all__ = ["rewind"]
SIGN_IN = re.compile(r"/account/login/\?next=")
AWAY = "Not saved yet; trying again"


def smoker(link_id="how-many", **more):
    when = [{"question": "smokes", "operator": "=", "answerBoolean": True}]
    return item(link_id, "integer", enableWhen=when, **more)


@pytest.fixture
def form(cast):
    return asked(
        cast.alice_client, item("name", required=True), item("smokes", "boolean"), smoker(), item("why", "text")
    )


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


def until(page, holds):
    """What a page sent on its way out arrives in its own time."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)


def test_a_page_that_is_left_at_once_is_saved_all_the_same(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    field(page, "name").fill("typed and gone")
    page.goto(reverse("forms_app:forms"))
    until(page, Draft.objects.exists)
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


# Without a line, without a server -------------------------------------------------------------------


def test_offline_it_is_said_and_nothing_is_lost_and_it_is_saved_once_the_line_is_back(
    new_context, cast, sign_in, form, axe
):
    context = new_context(watched=False)
    page = context.new_page()
    open_form(page, sign_in, cast.alice, form)
    context.set_offline(True)
    field(page, "name").fill("typed in a tunnel")
    expect(said(page)).to_have_text(AWAY)
    axe(page)
    assert not Draft.objects.exists()
    with saved(page):
        context.set_offline(False)
    expect(said(page)).to_contain_text("Saved")
    assert entries(form)["name"] == ["typed in a tunnel"]
    expect(field(page, "name")).to_have_value("typed in a tunnel")


def test_a_server_that_is_away_is_asked_again_and_again(new_context, cast, sign_in, form):
    page = new_context(watched=False).new_page()
    open_form(page, sign_in, cast.alice, form)
    asked_for = []

    def away(route):
        asked_for.append(route.request.headers.get("x-passive"))
        if len(asked_for) < 3:
            route.fulfill(status=502, body="")
        else:
            route.continue_()

    page.route("**/autosave/", away)
    page.clock.install()
    field(page, "name").fill("patience")
    for attempt in range(3):
        with saved(page):
            page.clock.run_for(20_000)
        expect(said(page)).to_have_text(AWAY if attempt < 2 else re.compile("^Saved"))
    assert entries(form)["name"] == ["patience"]
    assert asked_for == [None, "1", "1"], "only what was typed just now is activity"


def test_submit_without_a_line_keeps_the_page_and_what_was_typed(new_context, cast, sign_in, form):
    context = new_context(watched=False)
    page = context.new_page()
    open_form(page, sign_in, cast.alice, form)
    context.set_offline(True)
    field(page, "name").fill("Alice")
    page.get_by_role("button", name="Submit").click()
    expect(said(page)).to_contain_text("There is no connection, so this was not sent.")
    expect(field(page, "name")).to_have_value("Alice")
    with saved(page):
        context.set_offline(False)
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(re.compile("/response/"))
    assert QuestionnaireResponse.objects.count() == 1


def test_nothing_of_it_is_in_the_browsers_storage(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    with saved(page):
        field(page, "name").fill("canary-in-a-form")
    kept = page.evaluate("""async () => JSON.stringify([
      {...localStorage}, {...sessionStorage}, document.cookie, await caches.keys(), await indexedDB.databases(),
    ])""")
    assert "canary" not in kept and kept.endswith("[],[]]")


# Two tabs -------------------------------------------------------------------------------------------


def two_tabs(page, cast, sign_in, form):
    """The old tab, and one that has saved since."""
    open_form(page, sign_in, cast.alice, form)
    newer = page.context.new_page()
    newer.goto(url_of(form))
    listens(newer)
    with saved(newer):
        field(newer, "name").fill("newer")
    return newer


def conflict(page):
    return page.get_by_role("alert").filter(has_text="This form was changed on another device at")


def test_s55_the_old_tab_is_told_and_keeps_its_own_if_it_wants(new_context, cast, sign_in, form, axe):
    page = new_context(watched=False).new_page()
    newer = two_tabs(page, cast, sign_in, form)
    field(page, "why").fill("older")
    expect(conflict(page)).to_be_visible()
    expect(field(page, "why")).to_be_focused()
    axe(page)
    assert entries(form) == {"name": ["newer"]}
    field(page, "why").fill("older, and more")
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_text("You go on with the version of")).to_be_visible()
    expect(field(page, "why")).to_have_value("older, and more")
    assert entries(form)["why"] == ["older, and more"]
    assert DraftVersion.objects.get().entries == {"name": ["newer"]}
    field(newer, "name").fill("newer still")
    expect(conflict(newer)).to_be_visible()
    assert entries(form)["why"] == ["older, and more"]


def test_s55_that_version_is_seen_beside_mine_and_either_is_taken(new_context, cast, sign_in, form, axe):
    page = new_context(watched=False).new_page()
    two_tabs(page, cast, sign_in, form)
    field(page, "name").fill("older")
    conflict(page).get_by_role("link", name="See that version").click()
    page.wait_for_url(re.compile("/versions/"))
    row = page.get_by_role("row").filter(has_text="Question name")
    expect(row.get_by_role("cell")).to_have_text(["newer", "older"])
    axe(page)
    page.get_by_role("button", name=re.compile("Go on with the one kept at")).click()
    page.wait_for_url(f"**{url_of(form)}")
    expect(field(page, "name")).to_have_value("older")
    page.goto(reverse("forms_app:versions", args=[form.pk]))
    page.get_by_role("button", name=re.compile("Go on with the one kept at")).click()
    page.wait_for_url(f"**{url_of(form)}")
    expect(field(page, "name")).to_have_value("newer")


def test_s55_submit_in_the_old_tab_waits_for_the_choice(new_context, cast, sign_in, form):
    page = new_context(watched=False).new_page()
    two_tabs(page, cast, sign_in, form)
    field(page, "name").fill("older")
    page.get_by_role("button", name="Submit").click()
    expect(conflict(page)).to_be_focused()
    assert not QuestionnaireResponse.objects.exists()


def test_s56_submitted_in_another_tab_this_one_reads_already_submitted(new_context, cast, sign_in, form, axe):
    page = new_context(watched=False).new_page()
    newer = two_tabs(page, cast, sign_in, form)
    newer.get_by_role("button", name="Submit").click()
    newer.wait_for_url(re.compile("/response/"))
    field(page, "why").fill("too late")
    expect(page.get_by_role("alert")).to_contain_text("Already submitted")
    expect(said(page)).to_have_text("Already submitted")
    axe(page)
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="View what was submitted").click()
    page.wait_for_url(re.compile("/response/"))
    assert QuestionnaireResponse.objects.count() == 1
    assert entries(form) == {"name": ["newer"]}


def test_what_is_cancelled_while_it_is_filled_in_is_no_longer_needed(new_context, cast, sign_in, form):
    page = new_context(watched=False).new_page()
    open_form(page, sign_in, cast.alice, form)
    assignments.cancel(form, by=cast.dana)
    field(page, "name").fill("too late")
    expect(page.get_by_role("alert")).to_contain_text("This form is no longer needed.")
    expect(field(page, "name")).to_have_value("too late")


def test_s56_a_double_click_on_submit_submits_once(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    field(page, "name").fill("Alice")
    page.get_by_role("button", name="Submit").dblclick()
    page.wait_for_url(re.compile("/response/"))
    assert [url for url in sent if url.endswith("/fill/")] == [f"{page.url.split('/forms/')[0]}{url_of(form)}"]
    assert QuestionnaireResponse.objects.count() == 1


# The session ends -----------------------------------------------------------------------------------


def type_behind(page, text):
    """As if the last key came when the warning already stood."""
    field(page, "name").evaluate(
        "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', {bubbles: true})); }", text
    )


def test_s57_the_warning_saves_first_and_after_signing_in_the_draft_is_there(new_context, cast, sign_in, rewind, form):
    page = new_context(watched=False).new_page()
    session = open_form(page, sign_in, cast.alice, form)
    # What somebody types is a sign of life when it arrives; here it could not, until the end was near.
    page.route("**/autosave/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        field(page, "name").fill("typed before the end")
    rewind(session, 6)  # time enough for a slow machine to ask and to save
    page.unroute("**/autosave/")
    come_back_to(page)
    page.wait_for_url(SIGN_IN, timeout=30_000)
    assert entries(form)["name"] == ["typed before the end"]
    sign_in_by_form(page)
    page.wait_for_url(f"**{url_of(form)}")
    expect(field(page, "name")).to_have_value("typed before the end")
    expect(page.get_by_text("We kept what you typed")).to_have_count(0)


def test_s23_autosaving_by_itself_does_not_take_the_warning_away(page, cast, sign_in, rewind, form):
    session = open_form(page, sign_in, cast.alice, form)
    with saved(page):
        field(page, "name").fill("x")
    rewind(session, 100)
    come_back_to(page)
    expect(warning(page)).to_be_visible()
    type_behind(page, "y")
    with page.expect_response("**/account/session/"):
        come_back_to(page)
    expect(warning(page)).to_be_visible()


def test_s57_a_session_ended_on_the_server_covers_the_page_and_a_sign_in_beside_it_saves(
    new_context, cast, sign_in, form, axe
):
    page = new_context(watched=False).new_page()
    session = open_form(page, sign_in, cast.alice, form)
    SessionStore(session.session_key).delete()
    field(page, "name").fill("typed without a session")
    ended = page.get_by_role("dialog", name="You were signed out")
    expect(ended).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(ended).to_be_visible()
    with page.context.expect_page() as opened:
        ended.get_by_role("link", name="Sign in again").click()
    beside = opened.value
    sign_in_by_form(beside)
    beside.wait_for_url(f"**{url_of(form)}")
    with saved(page):
        come_back_to(page)
    expect(ended).to_be_hidden()
    expect(said(page)).to_contain_text("Saved")
    expect(field(page, "name")).to_have_value("typed without a session")
    assert entries(form)["name"] == ["typed without a session"]


def test_somebody_elses_sign_in_does_not_get_what_was_typed(new_context, cast, sign_in, form):
    page = new_context(watched=False).new_page()
    session = open_form(page, sign_in, cast.alice, form)
    SessionStore(session.session_key).delete()
    field(page, "name").fill("Alice's own words")
    expect(page.get_by_role("dialog", name="You were signed out")).to_be_visible()
    sign_in(page, cast.bob)
    come_back_to(page)
    page.wait_for_load_state()
    expect(page.get_by_text("Alice's own words")).to_have_count(0)
    expect(field(page, "name")).to_have_count(0)
    assert not Draft.objects.exists()


def test_a_session_that_ended_with_everything_saved_leads_to_sign_in_and_back(page, cast, sign_in, form):
    session = open_form(page, sign_in, cast.alice, form)
    with saved(page):
        field(page, "name").fill("saved")
    SessionStore(session.session_key).delete()
    come_back_to(page)
    page.wait_for_url(SIGN_IN)
    sign_in_by_form(page)
    page.wait_for_url(f"**{url_of(form)}")
    expect(field(page, "name")).to_have_value("saved")


def test_logging_out_saves_what_was_typed_last(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    field(page, "name").fill("typed just before")
    page.locator("form[data-log-out]").first.evaluate("form => form.requestSubmit()")
    page.wait_for_url(re.compile("/account/"))
    assert entries(form)["name"] == ["typed just before"]


def test_a_sign_in_in_another_tab_renews_the_token(new_context, cast, sign_in, form):
    page = new_context(watched=False).new_page()
    open_form(page, sign_in, cast.alice, form)
    beside = page.context.new_page()
    page.context.clear_cookies()
    beside.goto("/account/login/")
    sign_in_by_form(beside)
    beside.wait_for_url("**/")
    with page.expect_response(lambda answer: answer.url.endswith("/autosave/") and answer.ok):
        field(page, "name").fill("with an old token")
    assert entries(form)["name"] == ["with an old token"]


# Everything else --------------------------------------------------------------------------------------


def test_an_answer_that_stands_alone_takes_the_others_away(page, cast, sign_in):
    alone = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive", "valueBoolean": True}
    options = [{"valueString": "Nuts"}, {"valueString": "Milk"}, {"valueString": "None", "extension": [alone]}]
    form = asked(cast.alice_client, item("allergies", "choice", repeats=True, answerOption=options))
    open_form(page, sign_in, cast.alice, form)
    page.get_by_label("Nuts").check()
    page.get_by_label("Milk").check()
    page.get_by_label("None").check()
    expect(page.get_by_label("Nuts")).not_to_be_checked()
    with saved(page):
        page.get_by_label("Milk").check()
    expect(page.get_by_label("None")).not_to_be_checked()


def test_a_returned_form_is_changed_and_submitted_again(page, cast, sign_in, form):

    response = submit(form, cast.alice, name="first").response
    reviews.send_back(response, by=cast.dana, comment="Please say your whole name.")
    open_form(page, sign_in, cast.alice, form)
    expect(page.get_by_text("Please say your whole name.")).to_be_visible()
    with saved(page):
        field(page, "name").fill("first and last")
    assert Assignment.objects.get(pk=form.pk).status == "in_progress"
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(re.compile("/response/"))
    assert QuestionnaireResponse.objects.count() == 2
