"""G22, S74: download everything is asked for with one press, after showing again who one is, and offered for a day."""

import io
import json
import threading
import zipfile
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions.access import change_access, withdraw_access
from accounts.actions.clients import archive_client
from accounts.models import Access, SecurityEvent, User
from accounts.ownership import Area
from accounts.permissions import Refused
from portal.tasks import expire_exports
from tests import factories
from tests import world as worlds
from tests.test_isolation import fresh
from uploads.actions import exports
from uploads.models import Export

PAGE = "uploads:export"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path


def stored():
    """What is in the folder of archives."""
    folders = default_storage.listdir("exports")[1] if default_storage.exists("exports") else []
    return list(folders)


def ask(browser, **data):
    return browser.post(reverse(PAGE), data)


def download(browser, export, **more):
    return browser.get(reverse("uploads:export_download", args=[export.pk]), **more)


def offered(client, user):
    return worlds.offered_export(client, user)


# Asking ----------------------------------------------------------------------------------------


def test_one_press_a_job_a_mail_and_the_file(cast, run_jobs):
    browser = fresh(cast.alice)
    assert "Put it together" in browser.get(reverse(PAGE)).content.decode()
    answer = ask(browser)
    assert answer.status_code == 302 and answer.url == reverse(PAGE)
    assert "Being put together" in browser.get(reverse(PAGE)).content.decode()
    run_jobs()
    export = Export.objects.get()
    assert export.status == "ready" and export.size == export.file.size > 1000
    assert [letter.to for letter in outbox.outbox] == [["alice@example.com"]]
    page = browser.get(reverse(PAGE)).content.decode()
    assert reverse("uploads:export_download", args=[export.pk]) in page and "until" in page
    answer = download(browser, export)
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert json.loads(archive.read("record.json"))["client"][0]["name"] == "Alice Adams"


def test_with_one_person_nobody_is_asked_for_whom(cast):
    assert "For whom?" not in fresh(cast.alice).get(reverse(PAGE)).content.decode()


def test_with_several_people_it_asks_for_whom(cast, run_jobs):
    browser = fresh(cast.gina)
    page = browser.get(reverse(PAGE)).content.decode()
    assert "For whom?" in page and "Timo Gray" in page and "Lena Gray" in page
    answer = ask(browser)
    assert answer.status_code == 422 and "Please say whom the download is about." in answer.content.decode()
    assert not Export.objects.exists()
    ask(browser, client=cast.lena.pk)
    assert Export.objects.get().client == cast.lena


def test_s2_somebody_elses_client_is_no_choice(cast):
    answer = ask(fresh(cast.gina), client=cast.alice_client.pk)
    assert answer.status_code == 422 and not Export.objects.exists()


def test_whoever_was_signed_in_for_a_while_shows_again_who_they_are(cast):
    browser = Browser()
    browser.force_login(cast.alice)
    answer = ask(browser)
    assert answer.url.startswith(reverse("account_reauthenticate")) and not Export.objects.exists()
    # The press is not lost over it.
    browser.post(answer.url, {"password": factories.PASSWORD})
    assert Export.objects.get().user == cast.alice


def test_looking_at_the_page_asks_nobody_again(cast):
    browser = Browser()
    browser.force_login(cast.alice)
    assert browser.get(reverse(PAGE)).status_code == 200


def test_a_double_click_makes_one(cast):
    browser = fresh(cast.alice)
    ask(browser), ask(browser)
    assert Export.objects.count() == 1


def test_the_database_lets_only_one_be_put_together_for_a_login_and_a_client(cast):
    Export.objects.create(client=cast.alice_client, user=cast.alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(client=cast.alice_client, user=cast.alice)
    Export.objects.create(client=cast.alice_client, user=cast.bob)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one(cast):
    start, made = threading.Barrier(2, timeout=10), []

    def press():
        start.wait()
        made.append(exports.ask_export(cast.alice_client, by=User.objects.get(pk=cast.alice.pk)))
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(made) == 2 and Export.objects.count() == 1


def test_a_new_one_takes_the_place_of_the_old(cast, run_jobs, django_capture_on_commit_callbacks):
    old = offered(cast.alice_client, cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        ask(fresh(cast.alice))
    old.refresh_from_db()
    assert old.status == "expired" and not old.file and not stored()


def test_who_has_no_right_to_the_profile_has_no_such_page(cast):
    change_access(Access.objects.get(user=cast.alice), by=None, relationship="self", areas=[Area.FILES])
    assert fresh(cast.alice).get(reverse(PAGE)).status_code == 404
    assert ask(fresh(cast.alice)).status_code == 404
    with pytest.raises(Refused):
        exports.ask_export(cast.alice_client, by=cast.alice)


def test_staff_are_led_to_their_own_side(cast):
    assert fresh(cast.olga).get(reverse(PAGE)).url == reverse("admin:index")


# Building --------------------------------------------------------------------------------------


def test_a_right_withdrawn_while_it_is_put_together_ends_it(cast, run_jobs):
    ask(fresh(cast.alice))
    withdraw_access(Access.objects.get(user=cast.alice), by=cast.olga)
    run_jobs()
    assert Export.objects.get().status == "failed" and not stored() and not outbox.outbox


def test_a_full_disk_ends_it_in_words(cast, run_jobs, monkeypatch):
    browser = fresh(cast.alice)
    ask(browser)

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.tasks.write_zip", full)
    run_jobs()
    assert Export.objects.get().status == "failed" and not stored()
    page = browser.get(reverse(PAGE)).content.decode()
    assert "could not be put together" in page and "Put it together" in page


def test_a_job_that_runs_twice_builds_once(cast, run_jobs):
    ask(fresh(cast.alice))
    run_jobs()
    before = Export.objects.get()
    with io.BytesIO(b"PK other") as other:
        exports.finish(before.pk, other)
    exports.fail(before.pk)
    after = Export.objects.get()
    assert (after.file.name, after.status, len(stored())) == (before.file.name, "ready", 1)


def test_no_bytes_stay_when_the_row_cannot_be_saved(cast, monkeypatch):
    export = Export.objects.create(client=cast.alice_client, user=cast.alice)
    monkeypatch.setattr("uploads.actions.exports.mail.write", lambda *_args, **_more: 1 / 0)
    with io.BytesIO(b"PK other") as archive, pytest.raises(ZeroDivisionError):
        exports.finish(export.pk, archive)
    assert not stored() and Export.objects.get().status == "asked"


def test_one_whose_job_never_came_to_an_end_is_given_up(cast):
    ask(fresh(cast.alice))
    expire_exports(int((timezone.now() + timedelta(hours=1)).timestamp()))
    assert Export.objects.get().status == "asked"
    expire_exports(int((timezone.now() + timedelta(hours=3)).timestamp()))
    assert Export.objects.get().status == "failed"


# Downloading -----------------------------------------------------------------------------------


def test_it_is_a_download_that_cannot_run(cast):
    answer = download(fresh(cast.alice), offered(cast.alice_client, cast.alice))
    assert answer["Content-Disposition"].startswith('attachment; filename="Everything Alice ')
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert "Adams" not in answer["Content-Disposition"]


def test_downloading_asks_again_who_one_is(cast):
    browser = Browser()
    browser.force_login(cast.alice)
    answer = download(browser, offered(cast.alice_client, cast.alice))
    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_a_download_is_written_down_where_the_login_can_read_it(cast):
    browser = fresh(cast.alice)
    download(browser, offered(cast.alice_client, cast.alice))
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.EXPORTED)
    assert event.user == cast.alice and event.address and event.detail == str(cast.alice_client.pk)
    assert "Downloaded everything" in browser.get(reverse("accounts:security")).content.decode()


def test_s45_only_the_login_that_asked_gets_it(cast):
    second = factories.user("Paul Gray", email="paul@example.com")
    factories.access(second, cast.alice_client, "partner")
    export = offered(cast.alice_client, cast.alice)
    for user in (second, cast.bob):
        assert download(fresh(user), export).status_code == 404
    assert download(Browser(), export).url.startswith(reverse("account_login"))


def _withdrawn(cast):
    withdraw_access(Access.objects.get(user=cast.alice), by=cast.olga)


def _narrowed(cast):
    change_access(Access.objects.get(user=cast.alice), by=cast.olga, relationship="self", areas=[Area.FILES])


def _archived(cast):
    archive_client(cast.alice_client, by=cast.olga)


@pytest.mark.parametrize("lose", [_withdrawn, _narrowed, _archived])
def test_s45_a_right_that_is_gone_is_gone_for_what_was_built_before(cast, lose):
    export = offered(cast.alice_client, cast.alice)
    lose(cast)
    assert download(fresh(cast.alice), export).status_code == 404
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED).exists()


def test_after_24_hours_it_is_no_longer_offered(cast):
    export = offered(cast.alice_client, cast.alice)
    Export.objects.filter(pk=export.pk).update(ready_at=timezone.now() - timedelta(hours=24))
    browser = fresh(cast.alice)
    answer = download(browser, export)
    assert answer.status_code == 302 and answer.url == reverse(PAGE)
    page = browser.get(reverse(PAGE)).content.decode()
    assert "no longer offered" in page.casefold()
    assert reverse("uploads:export_download", args=[export.pk]) not in page
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED).exists()


def test_and_a_job_deletes_its_bytes(cast, django_capture_on_commit_callbacks):
    export = offered(cast.alice_client, cast.alice)
    young = offered(cast.bob_client, cast.bob)
    Export.objects.filter(pk=export.pk).update(ready_at=timezone.now() - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        expire_exports(int(timezone.now().timestamp()))
    export.refresh_from_db()
    assert export.status == "expired" and not export.file
    assert stored() == [young.file.name.removeprefix("exports/")]


def test_a_head_request_is_no_download(cast):
    answer = fresh(cast.alice).head(
        reverse("uploads:export_download", args=[offered(cast.alice_client, cast.alice).pk])
    )
    assert answer.status_code == 200
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED).exists()


def test_the_mail_says_nothing_of_the_person(cast, run_jobs):
    ask(fresh(cast.gina), client=cast.timo.pk)
    run_jobs()
    letter = outbox.outbox[0]
    assert "Timo" not in letter.subject + letter.body and reverse(PAGE) in letter.body
    assert EmailAddress.objects.filter(email=letter.to[0], user=cast.gina).exists()
