"""The profile and its review in Chromium: by keyboard, without JavaScript, on a phone, for a screen reader."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Client, ProfileChange
from tests import pictures, proposals
from tests.browser.conftest import NARROW, PHONE, WIDE
from tests.browser.test_pages import has_outline


@pytest.fixture
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def to(word, client):
    return reverse(f"accounts:{word}", args=[client.pk])


def states():
    return dict(ProfileChange.objects.values_list("field", "status"))


def test_by_keyboard_a_wrong_value_is_found_put_right_sent_and_withdrawn(page, cast, sign_in):
    sign_in(page, cast.alice)
    page.goto(reverse("accounts:profile"))
    page.get_by_role("link", name="Edit details").focus()
    page.keyboard.press("Enter")
    phone = page.get_by_label("Phone", exact=False).first
    phone.fill("none")
    phone.press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=phone]")).to_be_focused()
    expect(page.locator("[name=phone]")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("+1 646 555 0123")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waiting for review")).to_be_visible()
    assert states() == {"phone": "proposed"}
    page.get_by_role("button", name=re.compile(r"Withdraw\W+Phone, Alice Adams")).press("Enter")
    expect(page.get_by_text("Withdrawn. The old value stays.")).to_be_visible()
    assert states() == {"phone": "withdrawn"}


def test_without_javascript_details_picture_and_settings_are_saved(plain_page, cast, sign_in, own_files):
    page = plain_page
    sign_in(page, cast.alice)
    page.goto(to("profile_edit", cast.alice_client))
    page.locator("[name=address]").fill("7 Harbor Lane\nBrooklyn")
    page.locator("[name=pronouns]").fill("she/her")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("7 Harbor Lane")).to_be_visible()
    assert ProfileChange.objects.get().new == "7 Harbor Lane\nBrooklyn"
    page.get_by_role("link", name="Add a picture").click()
    heic = pictures.as_file(kind="HEIF")
    page.set_input_files("[name=picture]", {"name": "me.heic", "mimeType": "image/heic", "buffer": heic.read()})
    page.get_by_role("button", name="Save picture").click()
    expect(page.get_by_text("The new picture is there.")).to_be_visible()
    expect(page.locator("main img.avatar")).to_have_js_property("naturalWidth", 512)
    assert page.locator("header img.avatar").count() == 1
    page.get_by_role("link", name="Change these settings").click()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_label("Answers about your profile").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Asia/Tokyo")).to_be_visible()


def test_a_refused_picture_says_why_at_its_field(page, cast, sign_in, axe):
    sign_in(page, cast.alice)
    page.goto(to("profile_picture", cast.alice_client))
    page.set_input_files("[name=picture]", {"name": "a.gif", "mimeType": "image/gif", "buffer": b"GIF89a nonsense"})
    page.get_by_role("button", name="Save picture").click()
    expect(page.get_by_role("alert")).to_contain_text("This is a GIF.")
    assert "This is a GIF." in page.locator("[name=picture]").evaluate(
        "field => document.getElementById(field.getAttribute('aria-describedby').split(' ').pop()).textContent"
    )
    axe(page)


def test_staff_review_by_keyboard_alone(page, cast, sign_in):
    proposals.in_every_state(cast)
    sign_in(page, cast.rhea)
    page.goto(reverse("admin:index"))
    page.get_by_role("link", name="Review Alice Adams").press("Enter")
    phone = page.get_by_role("group", name="Phone", exact=True)
    phone.get_by_role("radio", name="Leave it waiting").focus()
    page.keyboard.press("ArrowUp")
    expect(phone.get_by_role("radio", name="Do not take over")).to_be_checked()
    page.keyboard.press("Tab")
    expect(phone.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("This is a fax.")
    address = page.get_by_role("group", name="Address")
    expect(address.get_by_role("textbox")).to_be_hidden()
    address.get_by_role("radio", name="Leave it waiting").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Taken over: 1. Not taken over: 1.")).to_be_visible()
    assert states() == {
        "phone": "rejected", "address": "applied", "birth_date": "rejected", "emergency_name": "applied",
    }  # fmt: skip


def test_without_javascript_everything_is_taken_over_by_one_press(plain_page, cast, sign_in):
    proposals.in_every_state(cast)
    sign_in(plain_page, cast.rhea)
    plain_page.goto(reverse("admin:review", args=[cast.alice_client.pk]))
    plain_page.get_by_role("button", name="Take everything over").click()
    expect(plain_page.get_by_text("Nothing waits for you")).to_be_visible()
    assert Client.objects.get(pk=cast.alice_client.pk).phone == "+1 646 555 0123"


def test_the_staffs_pages_of_changes_are_accessible_in_light_in_dark_and_narrow(page, cast, sign_in, axe):
    proposals.in_every_state(cast)
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="+1 999 555 0000")
    sign_in(page, cast.olga)
    review = reverse("admin:review", args=[cast.alice_client.pk])
    for url in (reverse("admin:reviews"), review, reverse("admin:review", args=[cast.bob_client.pk])):
        page.set_viewport_size(WIDE)
        assert page.goto(url).status == 200
        has_outline(page)
        looks_right(page, axe)
    page.goto(review)
    page.get_by_role("radio", name="Do not take over").first.check()
    page.get_by_role("button", name="Save decisions").click()
    expect(page.get_by_role("alert")).to_be_focused()
    looks_right(page, axe)


def looks_right(page, axe):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (WIDE, PHONE, NARROW):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
        axe(page)


def test_on_a_phone_old_and_new_still_stand_beside_each_other(new_context, cast, sign_in):
    proposals.in_every_state(cast)
    page = new_context(viewport=PHONE).new_page()
    sign_in(page, cast.olga)
    page.goto(reverse("admin:review", args=[cast.alice_client.pk]))
    old, new = (box.bounding_box() for box in page.locator(".old-new").first.locator("> div").all())
    assert old["y"] == new["y"] and old["x"] + old["width"] <= new["x"] + 1
