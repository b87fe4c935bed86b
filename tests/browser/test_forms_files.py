"""Files and drawings in a form that is filled in: sent at once, followed until they are checked, taken back."""

import re

import pytest
from playwright.sync_api import expect

from forms_app.models import Draft, QuestionnaireResponse
from tests.browser.forms import field, open_form
from tests.browser.test_uploads import file
from tests.forms_app.house import asked, item
from tests.forms_app.sheets import signature
from tests.uploads.sent import PROGRAM, checked
from uploads.models import Upload


@pytest.fixture
def form(cast):
    photos = item("photos", "attachment", repeats=True)
    return asked(cast.alice_client, item("name"), item("card", "attachment", required=True), photos, signature())


def box(page, key="card"):
    return page.locator(f'[data-attachment="{key}"]')


def choose(page, *files, key="card"):
    box(page, key).locator("input[type=file]").set_input_files(list(files))


def test_a_file_is_sent_when_it_is_chosen_and_followed_until_it_is_checked(page, cast, sign_in, form, axe):
    open_form(page, sign_in, cast.alice, form)
    field(page, "name").fill("typed meanwhile")
    choose(page, file("card.txt"))
    expect(box(page)).to_contain_text("card.txt")
    expect(box(page)).to_contain_text("Being checked")
    expect(page.locator("p[data-progress]")).to_have_text("2 of 4 answered")
    expect(field(page, "name")).to_have_value("typed meanwhile")
    axe(page)
    checked(Upload.objects.get())
    expect(box(page)).to_contain_text("Received")
    expect(box(page).get_by_text("Being checked")).to_have_count(0)
    assert Draft.objects.get().entries["card"] == [{"upload": str(Upload.objects.get().pk)}]


def test_a_file_that_cannot_be_sent_says_why_and_the_page_stays(page, cast, sign_in, form, axe):
    open_form(page, sign_in, cast.alice, form)
    choose(page, file("run.exe", PROGRAM))
    expect(box(page).get_by_role("status")).to_contain_text("run.exe: This file is a program")
    axe(page)
    assert not Upload.objects.exists()


def test_several_files_are_sent_one_after_the_other_and_taken_back_by_keyboard(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    choose(page, file("one.txt"), file("two.txt", b"Two"), key="photos")
    expect(box(page, "photos").get_by_role("listitem")).to_have_count(2)
    box(page, "photos").get_by_role("button", name=re.compile("Remove ?: one.txt")).focus()
    page.keyboard.press("Enter")
    expect(box(page, "photos").get_by_role("listitem")).to_have_count(1)
    expect(box(page, "photos")).to_contain_text("two.txt")
    expect(box(page, "photos").locator("input[type=file]")).to_be_focused()
    assert Upload.objects.get(name="one.txt").withdrawn_at


def test_a_lost_line_is_told_and_the_file_can_be_chosen_again(new_context, cast, sign_in, form):
    context = new_context(watched=False)
    page = context.new_page()
    open_form(page, sign_in, cast.alice, form)
    context.set_offline(True)
    choose(page, file("card.txt"))
    expect(box(page).get_by_role("status")).to_contain_text("card.txt: This file was not sent. Please try again.")
    context.set_offline(False)
    choose(page, file("card.txt"))
    expect(box(page)).to_contain_text("Being checked")


def test_without_a_script_a_file_is_sent_and_taken_back_by_buttons(plain_page, cast, sign_in, form):
    page = plain_page
    sign_in(page, cast.alice)
    page.goto(f"/forms/{form.pk}/fill/")
    field(page, "name").fill("typed meanwhile")
    choose(page, file("card.txt"))
    box(page).get_by_role("button", name="Send this file").click()
    expect(box(page)).to_contain_text("card.txt")
    expect(field(page, "name")).to_have_value("typed meanwhile")
    box(page).get_by_role("button", name=re.compile("Remove ?: card.txt")).click()
    expect(box(page).get_by_role("listitem")).to_have_count(0)
    expect(page.locator(".pad")).to_have_count(0)


def test_a_signature_is_drawn_beside_the_typed_name_and_cleared(page, cast, sign_in, form, axe):
    open_form(page, sign_in, cast.alice, form)
    with page.expect_response("**/autosave/"):
        field(page, "sign~name").fill("Alice Adams")
    pad = page.get_by_role("img", name=re.compile("Drawn signature"))
    pad.scroll_into_view_if_needed()
    spot = pad.bounding_box()
    page.mouse.move(spot["x"] + 20, spot["y"] + 60)
    page.mouse.down()
    page.mouse.move(spot["x"] + 120, spot["y"] + 20, steps=5)
    with page.expect_response("**/autosave/"):
        page.mouse.up()
    axe(page)
    drawn = Draft.objects.get().entries["sign"][0]
    assert drawn["name"] == "Alice Adams" and drawn["drawing"].startswith("data:image/png;base64,")
    page.reload()
    shade = "canvas => canvas.getContext('2d').getImageData(0, 0, 480, 160).data.some(part => part)"
    expect(page.locator(".pad")).to_be_visible()
    expect(field(page, "sign~drawing")).to_have_value(re.compile("^data:image/png"))
    page.get_by_role("button", name="Clear the drawing").click()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    expect(field(page, "sign~drawing")).to_have_value("")
    assert not page.locator(".pad").evaluate(shade)


def test_who_draws_nothing_signs_all_the_same(page, cast, sign_in, form):
    open_form(page, sign_in, cast.alice, form)
    field(page, "sign~name").fill("Alice Adams")
    choose(page, file("card.txt"))
    expect(box(page)).to_contain_text("Being checked")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(re.compile("/response/"))
    response = QuestionnaireResponse.objects.get()
    assert response.is_signed and not Upload.objects.get().is_draft
