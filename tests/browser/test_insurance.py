"""Insurance in Chromium: by keyboard, without JavaScript, with pictures of the card, on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.actions.changes import decide
from billing.actions import proposals
from billing.models import Coverage, CoverageChange
from tests.billing.insurances import active, every_state, photo, waiting
from tests.browser.conftest import PHONE
from tests.browser.test_pages import is_accessible
from uploads.models import Upload

ADD = "billing:insurance_add"


def chosen(name="front.png", content=None):
    return {"name": name, "mimeType": "image/png", "buffer": content or photo(name).read()}


def test_a_policy_is_added_by_keyboard_alone(cast, page, sign_in):
    sign_in(page, cast.alice)
    page.goto(reverse("billing:insurance"))
    page.get_by_role("link", name="Add insurance").press("Enter")
    page.get_by_label("Insurance company").focus()
    page.keyboard.type("Aetna")
    page.keyboard.press("Tab")
    page.keyboard.type("Open Choice")
    page.keyboard.press("Tab")
    page.keyboard.type("W123 456789")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sent for review. Until Linden Practice has checked it")).to_be_visible()
    expect(page.get_by_role("heading", name="Aetna Open Choice")).to_be_visible()
    assert Coverage.objects.get().status == "draft"


def test_what_is_wrong_takes_focus_and_leads_to_its_field(cast, page, sign_in, axe):
    sign_in(page, cast.alice)
    page.goto(reverse(ADD))
    page.get_by_label("Insurance company").fill("Aetna")
    page.get_by_role("button", name="Send for review").click()
    summary = page.locator(".error-summary")
    summary.wait_for()
    page.wait_for_function("document.activeElement.matches('.error-summary')")
    summary.get_by_role("link").first.press("Enter")
    page.wait_for_function("document.activeElement.name == 'subscriber_id'")
    expect(page.get_by_label("Insurance company")).to_have_value("Aetna")
    axe(page)


def test_a_double_click_makes_one_policy(cast, page, sign_in):
    sign_in(page, cast.alice)
    page.goto(reverse(ADD))
    page.get_by_label("Insurance company").fill("Aetna")
    page.get_by_label("Member number").fill("W1")
    page.get_by_role("button", name="Send for review").dblclick()
    expect(page.get_by_role("heading", name="Aetna")).to_be_visible()
    assert Coverage.objects.count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_holders_fields_appear_when_somebody_else_holds_the_policy(cast, new_context, sign_in, scripts):
    page = new_context(java_script_enabled=scripts).new_page()
    sign_in(page, cast.alice)
    page.goto(reverse(ADD))
    name = page.get_by_label("Name of the holder")
    expect(name).to_be_hidden()
    page.get_by_label("A parent of the insured person").check()
    expect(name).to_be_visible()


def test_everything_works_without_javascript(cast, plain_page, sign_in):
    page = plain_page
    sign_in(page, cast.gina)
    page.goto(reverse(ADD))
    page.get_by_label("Lena Gray").check()
    page.get_by_label("Insurance company").fill("Aetna")
    page.get_by_label("Member number").fill("W1")
    page.get_by_label("A parent of the insured person").check()
    page.get_by_label("Name of the holder").fill("Gina Gray")
    page.get_by_label("Front of the card optional").set_input_files(chosen())
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Front of the card: being checked")).to_be_visible()
    coverage = Coverage.objects.get()
    assert coverage.client == cast.lena
    page.get_by_role("link", name="Edit Aetna").click()
    page.get_by_label("Plan").fill("Gold")
    page.get_by_role("button", name="Send for review").click()
    assert waiting(coverage)["plan"].new == "Gold"
    page.get_by_role("button", name="Withdraw Aetna Gold").click()
    expect(page.get_by_role("heading", name="Aetna")).to_have_count(0)
    page.get_by_role("button", name="I have no insurance Lena").click()
    expect(page.get_by_text("You told us that there is no insurance.")).to_be_visible()


def test_a_refused_picture_is_said_and_the_other_one_is_kept(cast, page, sign_in, axe):
    sign_in(page, cast.alice)
    page.goto(reverse(ADD))
    page.get_by_label("Insurance company").fill("Aetna")
    page.get_by_label("Member number").fill("W1")
    page.get_by_label("Front of the card optional").set_input_files(
        chosen("card.png", b"MZ\x90\x00\x03\x00\x00\x00\x04")
    )
    page.get_by_label("Back of the card optional").set_input_files(chosen("back.png"))
    page.get_by_role("button", name="Send for review").click()
    expect(page.locator(".error-summary")).to_contain_text("Front of the card")
    expect(page.get_by_text("We have back.png; it goes with the form.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Back of the card: being checked")).to_be_visible()
    assert Upload.objects.get().name == "back.png"


def test_a_waiting_value_is_withdrawn_beside_the_old_one(cast, page, sign_in):
    row = active(cast.alice_client, plan="Gold")
    proposals.change_coverage(row, {"plan": "Platinum"}, by=cast.alice)
    sign_in(page, cast.alice)
    page.goto(reverse("billing:insurance"))
    expect(page.get_by_role("heading", name="Cigna Platinum")).to_have_count(0)
    page.get_by_role("button", name="Withdraw Plan").press("Enter")
    expect(page.get_by_text("Everything stays as it was.")).to_be_visible()
    assert CoverageChange.objects.get().status == "withdrawn"


def test_the_end_is_asked_for_on_a_page_of_its_own(cast, page, sign_in):
    row = active(cast.alice_client)
    sign_in(page, cast.alice)
    page.goto(reverse("billing:insurance"))
    page.get_by_role("link", name="Say when it ends Cigna").click()
    page.get_by_label("Last day on which it is valid").fill("2026-03-31")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("March 31, 2026")).to_be_visible()
    assert waiting(row)["valid_to"].new == "2026-03-31"


def test_on_a_phone_the_page_reads_down(cast, new_context, sign_in, axe):
    every_state(cast)
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    sign_in(page, cast.alice)
    page.goto(reverse("billing:insurance"))
    axe(page)
    page.get_by_text("Earlier insurances").tap()
    expect(page.get_by_role("heading", name="Old", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_phone_offers_its_camera_and_a_desk_does_not(cast, page, new_context, sign_in):
    phone = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    for browser in (page, phone):
        sign_in(browser, cast.alice)
        browser.goto(reverse(ADD))
    expect(page.get_by_label("Or take a photo: Front of the card")).to_be_hidden()
    camera = phone.get_by_label("Or take a photo: Front of the card")
    expect(camera).to_be_visible()
    assert camera.get_attribute("capture") == "environment"
    phone.get_by_label("Insurance company").fill("Aetna")
    phone.get_by_label("Member number").fill("W1")
    camera.set_input_files(chosen())
    phone.get_by_role("button", name="Send for review").tap()
    expect(phone.get_by_text("Front of the card: being checked")).to_be_visible()


def test_staff_pages_about_insurance_are_accessible(cast, page, sign_in, axe):
    [row] = every_state(cast)
    sign_in(page, cast.olga)
    add = f"{reverse('admin:billing_coverage_add')}?client={cast.bob_client.pk}"
    for url in (
        reverse("admin:billing_coverage_changelist"),
        reverse("admin:billing_coverage_change", args=[row]),
        add,
        reverse("admin:record", args=[cast.alice_client.pk]),
    ):
        is_accessible(page, url, axe)


def test_biller_ends_a_policy_by_keyboard(cast, page, sign_in):
    row = active(cast.bob_client)
    sign_in(page, cast.bill)
    page.goto(reverse("admin:billing_coverage_changelist"))
    page.get_by_role("link", name="Bob Brown").press("Enter")
    page.get_by_role("button", name="End").press("Enter")
    expect(page.get_by_text("Ended. It stays among the earlier ones.")).to_be_visible()
    row.refresh_from_db()
    assert row.status == "cancelled"


def test_what_staff_decided_is_read_by_the_client(cast, page, sign_in):
    row = active(cast.alice_client)
    proposals.change_coverage(row, {"plan": "Platinum"}, by=cast.alice)
    decide(waiting(row)["plan"], by=cast.bill, apply=False, reason="Your card says Gold.")
    sign_in(page, cast.alice)
    page.goto(reverse("billing:insurance"))
    expect(page.get_by_text("Your card says Gold.")).to_be_visible()
