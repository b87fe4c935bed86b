"""Download everything in Chromium, without JavaScript too; and the page on which somebody is erased."""

import zipfile

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.actions.clients import archive_client
from accounts.models import Client
from portal.actions.erasure import erase_client
from portal.tasks import build_export
from tests import factories
from tests.browser.conftest import NARROW
from tests.browser.test_pages import has_outline
from uploads.models import Export


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.parametrize("which", ["page", "plain_page"])
def test_ask_wait_and_download(request, which, cast, sign_in, tmp_path):
    page = request.getfixturevalue(which)
    sign_in(page, cast.gina)
    page.goto(reverse("uploads:export"))
    page.get_by_role("button", name="Put it together").click()
    expect(page.locator("main")).to_contain_text("Please say whom the download is about.")
    page.get_by_role("radio", name="Timo Gray").check()
    page.get_by_role("button", name="Put it together").click()
    expect(page.locator("main")).to_contain_text("Being put together")
    build_export(str(Export.objects.get().pk))
    page.get_by_role("link", name="See whether it is ready").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download Timo Gray").click()
    assert waiting.value.suggested_filename.startswith("Everything Timo ")
    waiting.value.save_as(tmp_path / "got.zip")
    with zipfile.ZipFile(tmp_path / "got.zip") as archive:
        assert {"README.txt", "profile.pdf", "bundle.json", "record.json"} <= set(archive.namelist())


def test_who_was_away_for_a_while_types_the_password_and_goes_on(plain_page, cast, sign_in):
    session = sign_in(plain_page, cast.alice)
    for key in [name for name, _value in session.items() if "authentication" in name]:
        del session[key]
    session.save()
    plain_page.goto(reverse("uploads:export"))
    plain_page.get_by_role("button", name="Put it together").click()
    plain_page.get_by_label("Password").fill(factories.PASSWORD)
    plain_page.locator("main form button").first.click()
    expect(plain_page.locator("main")).to_contain_text("Being put together")


def _open(client):
    return client


def _archived(client):
    archive_client(client, by=None)


def _erased(client):
    archive_client(client, by=None)
    erase_client(client, by=None)


@pytest.mark.parametrize("state", [_open, _archived, _erased])
def test_the_page_of_an_erasure_is_accessible(page, cast, sign_in, axe, state):
    state(cast.bob_client)
    sign_in(page, cast.olga)
    for path in (reverse("admin:erase", args=[cast.bob_client.pk]), reverse("admin:record", args=[cast.bob_client.pk])):
        assert page.goto(path).status == 200
        has_outline(page)
        axe(page)
        page.emulate_media(color_scheme="dark")
        axe(page)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(NARROW)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_an_owner_erases_somebody_by_keyboard(plain_page, cast, sign_in):
    archive_client(cast.bob_client, by=None)
    sign_in(plain_page, cast.olga)
    plain_page.goto(reverse("admin:record", args=[cast.bob_client.pk]))
    plain_page.get_by_role("link", name="Erase for good").press("Enter")
    field = plain_page.get_by_label("Type the client’s full name")
    field.fill("Bob")
    field.press("Enter")
    expect(plain_page.get_by_role("alert")).to_contain_text("does not match")
    field.fill("Bob Brown")
    field.press("Enter")
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Erased")
    assert Client.objects.get(pk=cast.bob_client.pk).erased_at
