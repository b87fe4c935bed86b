"""The staff's pages of files in Chromium: what axe finds, by keyboard, on a phone, without JavaScript."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_pages import is_accessible
from tests.browser.test_staff import record
from tests.world import stored_file
from uploads.actions import files, requests
from uploads.models import Export, RequestTemplate, Upload, UploadRequest

ADD = "admin:uploads_uploadrequest_add"


def picture():
    drawn = BytesIO()
    Image.new("RGB", (400, 300), "#7a9").save(drawn, "WEBP")
    return ContentFile(drawn.getvalue())


def sent(client, *, by, name, **fields):
    upload = stored_file(client, by=by, name=name, **fields)
    upload.preview.save(name, picture(), save=True)
    return upload


@pytest.fixture
def busy(cast):
    """A row in every state, and a pack to ask for."""
    alice, olga = cast.alice_client, cast.olga
    for title in ("Insurance card", "Photo ID"):
        RequestTemplate.objects.create(pack="New client pack", title=title, due_days=14, instructions="Both sides.")
    cast.asked = requests.ask(client=cast.timo, by=olga, title="Letter of the school", due_on="2020-01-01")
    cast.lone = requests.ask(client=factories.client("Nia Noon"), by=olga, title="Letter")
    cast.came = requests.ask(client=alice, by=olga, title="Insurance card")
    cast.upload = sent(alice, by=cast.alice, name="a_very_long_name_of_a_card_without_any_space_in_it_at_all.jpg")
    cast.came.uploads.add(cast.upload)
    UploadRequest.objects.filter(pk=cast.came.pk).update(status="received", received_at=timezone.now())
    cast.ours = sent(alice, by=olga, name="plan.txt", source="practice")
    cast.refused = sent(alice, by=cast.alice, name="bad.txt", status="rejected", refusal="infected")
    cast.stuck = sent(alice, by=cast.alice, name="stuck.txt")
    late = timezone.now() - timedelta(minutes=9)
    Upload.objects.filter(pk=cast.stuck.pk).update(status="scanning", sent_at=late)
    files.open_file(cast.ours, by=olga, address="192.0.2.7")
    Export.objects.create(client=alice, user=cast.alice)
    return cast


def pages(cast):
    yield reverse("admin:index")
    yield record(cast.alice_client)
    for name in ("upload", "uploadrequest", "requesttemplate", "download", "export"):
        yield reverse(f"admin:uploads_{name}_changelist")
    yield reverse("admin:uploads_uploadrequest_changelist") + "?state=all"
    yield reverse("admin:uploads_upload_changelist") + "?q=zzz"
    yield reverse(ADD)
    yield f"{reverse(ADD)}?client={cast.lone.client_id}&client={cast.alice_client.pk}"
    yield f"{reverse(ADD)}?find=1&q=a&client={cast.lone.client_id}"
    yield reverse("admin:uploads_upload_add")
    yield f"{reverse('admin:uploads_upload_add')}?client={cast.alice_client.pk}"
    yield reverse("admin:uploads_requesttemplate_add")
    rows = [cast.asked, cast.lone, cast.came, cast.upload, cast.ours, cast.refused, cast.stuck]
    for row in [*rows, RequestTemplate.objects.first(), cast.ours.downloads.first(), Export.objects.first()]:
        yield reverse(f"admin:uploads_{row._meta.model_name}_change", args=[row.pk])
    yield reverse("admin:uploads_upload_history", args=[cast.upload.pk])


def test_every_page_of_files_is_accessible_in_light_in_dark_and_at_320_px(busy, page, sign_in, axe):
    sign_in(page, busy.olga)
    for url in pages(busy):
        is_accessible(page, url, axe)


def test_a_request_shows_its_picture_and_the_reason_is_asked_for_by_keyboard(busy, page, sign_in, axe):
    sign_in(page, busy.rhea)
    page.goto(reverse("admin:uploads_uploadrequest_change", args=[busy.came.pk]))
    expect(page.locator(".thumb")).to_have_js_property("naturalWidth", 400)
    page.get_by_role("button", name="Ask again").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    axe(page)
    page.locator(".error-summary").get_by_role("link").press("Enter")
    page.keyboard.type("The left half is missing.")
    page.get_by_role("button", name="Ask again").press("Enter")
    page.get_by_text("Alice Adams reads why").wait_for()
    busy.came.refresh_from_db()
    assert busy.came.reason == "The left half is missing."


def test_one_tick_ticks_the_pack_and_shows_what_is_in_it(busy, page, sign_in):
    sign_in(page, busy.rhea)
    page.goto(f"{reverse(ADD)}?client={busy.bob_client.pk}")
    whole = page.get_by_label("All 2 of this pack")
    whole.press("Space")
    assert page.get_by_label("Photo ID").is_checked()
    page.get_by_label("Photo ID").press("Space")
    assert not whole.is_checked() and whole.evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    page.get_by_text("Asked for 1 file: Bob Brown.").wait_for()


def test_everything_works_without_javascript(busy, plain_page, sign_in):
    page = plain_page
    sign_in(page, busy.rhea)
    page.goto(reverse("admin:accounts_client_changelist"))
    for name in ("Bob Brown", "Timo Gray"):
        page.locator("tr", has_text=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ask for files").click()
    page.get_by_label("All 2 of this pack").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("Asked for 2 files: Bob Brown, Timo Gray.").wait_for()
    page.goto(reverse("admin:uploads_uploadrequest_change", args=[busy.came.pk]))
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("Accepted. Alice Adams was told.").wait_for()


def test_a_file_is_shared_and_downloaded_by_keyboard(busy, page, sign_in):
    sign_in(page, busy.rhea)
    page.goto(f"{reverse('admin:uploads_upload_add')}?client={busy.bob_client.pk}")
    page.get_by_label("File required").set_input_files(
        {"name": "tool.exe", "mimeType": "image/png", "buffer": b"MZ\0\0"}
    )
    page.get_by_label("A few words about it").fill("Your plan")
    page.get_by_role("button", name="Put it in the record").press("Enter")
    page.locator(".error-summary").get_by_text("programs cannot be sent").wait_for()
    assert page.get_by_label("A few words about it").input_value() == "Your plan"
    page.get_by_label("File required").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Walk a little."}
    )
    page.get_by_role("button", name="Put it in the record").press("Enter")
    page.get_by_text("It stays hidden from the client").wait_for()
    Upload.objects.filter(client=busy.bob_client).update(status="available")
    page.get_by_role("button", name="Share").press("Enter")
    page.get_by_text("Shared. Bob Brown was told.").wait_for()
    with page.expect_download() as got:
        page.get_by_role("link", name="Download").press("Enter")
    assert got.value.suggested_filename == "plan.txt"
    assert got.value.path().read_bytes() == b"Walk a little."
