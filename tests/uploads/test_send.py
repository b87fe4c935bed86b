"""Sending: several files at once, each taken or refused by itself, by a plain form or by a script that gets JSON."""

import errno
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.actions import kept_forms
from accounts.models import Access, KeptForm
from accounts.storage import CannotStore, Disk
from tests.laws.sources import ROOT
from tests.uploads.sent import PROGRAM, picture, send, text
from uploads.actions import files
from uploads.models import Upload

pytestmark = pytest.mark.django_db
SEND, FILES = "/uploads/send/", "/uploads/"
NAMES = json.loads((ROOT / "tests/data/file-names.json").read_text())["names"]
JSON = {"accept": "application/json"}


def bad(name, content):
    return SimpleUploadedFile(name, content)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def post(browser, *chosen, url=SEND, **fields):
    return browser.post(url, {"files": list(chosen), **fields}, follow=True)


# By a plain form ------------------------------------------------------------------------------


def test_files_are_sent_and_the_next_page_says_so(cast, signed_in):
    answer = post(signed_in(cast.alice), text("One", "one.txt"), picture(1), note="From the clinic")
    assert answer.redirect_chain == [(FILES, 302)]
    assert told(answer) == ["Received: <bdi>one.txt</bdi>, <bdi>scan.png</bdi>. We are checking them now."]
    kept = Upload.objects.get(name="one.txt")
    assert (kept.client, kept.sent_by, kept.area, kept.source) == (cast.alice_client, cast.alice, "files", "client")
    assert kept.note == "From the clinic" and kept.status == "scanning"


def test_a_refused_file_has_its_own_sentence_and_the_others_go_through(cast, signed_in, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 4000)
    chosen = [bad("empty.pdf", b""), text("Good", "good.txt"), bad("run.exe", PROGRAM), text("x" * 5000, "large.txt")]
    answer = post(signed_in(cast.alice), *chosen)
    assert told(answer) == [
        "Received: <bdi>good.txt</bdi>. We are checking it now.",
        "<strong><bdi>empty.pdf</bdi></strong>: This file is empty. Please check it on your device and send it again.",
        (
            "<strong><bdi>run.exe</bdi></strong>: This file is a program, and programs cannot be sent. If that "
            "surprises you, please do not open it; ask us which file we need."
        ),
        (
            "<strong><bdi>large.txt</bdi></strong>: This file is larger than 50 MB. Please send it in parts, or as a "
            "smaller copy."
        ),
    ]
    assert [upload.name for upload in Upload.objects.all()] == ["good.txt"]
    assert answer.text.count('class="notice error"') == 3


def test_the_same_file_again_is_kept_once_and_its_day_told(cast, signed_in):
    upload = send(cast.alice, cast.alice_client, text("Same", "first name.txt"))
    Upload.objects.filter(pk=upload.pk).update(sent_at="2026-11-12T12:00:00Z")
    answer = post(signed_in(cast.alice), text("Same", "second name.txt"))
    assert told(answer) == [
        (
            "<strong><bdi>second name.txt</bdi></strong>: You already sent this on Nov. 12, 2026, as “first name.txt”. "
            "It is kept once."
        )
    ]
    assert Upload.objects.count() == 1


def test_two_of_the_same_in_one_form_are_kept_once(cast, signed_in):
    answer = post(signed_in(cast.alice), text("Same", "a.txt"), text("Same", "b.txt"))
    assert Upload.objects.count() == 1 and len(told(answer)) == 2


def test_sending_twice_by_double_click_reload_or_a_second_tab_stores_once(cast, signed_in):
    browser = signed_in(cast.alice)
    for _ in range(3):
        assert post(browser, text("Once")).status_code == 200
    assert Upload.objects.count() == 1


def test_more_than_ten_at_once_are_told_and_the_first_ten_go_through(cast, signed_in):
    answer = post(signed_in(cast.alice), *[text(f"{n}", f"{n:02}.txt") for n in range(12)])
    assert Upload.objects.count() == 10
    assert [words for words in told(answer) if "Only 10 files can be sent at once." in words] == [
        f"<strong><bdi>{name}</bdi></strong>: Only 10 files can be sent at once. Please send this one by itself."
        for name in ("10.txt", "11.txt")
    ]


def test_without_a_file_the_field_says_so_and_what_was_typed_stays(cast, signed_in):
    answer = signed_in(cast.alice).post(SEND, {"note": "From the clinic"})
    assert answer.status_code == 422
    assert "Please choose a file first." in answer.text and "There is a problem" in answer.text
    assert 'href="#send-files"' in answer.text and 'value="From the clinic"' in answer.text


def test_a_form_with_no_room_on_the_disk_says_so_for_each_file_and_keeps_nothing(cast, signed_in, monkeypatch):
    def full(*args, **kwargs):
        raise CannotStore(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Disk, "_save", full)
    answer = post(signed_in(cast.alice), text("One", "one.txt"), text("Two", "two.txt"))
    assert [words.split(": ")[1] for words in told(answer)] == [
        "We could not store this file just now, and nothing of it was kept. Please try again in a while."
    ] * 2
    assert not Upload.objects.exists()


def test_whoever_asks_for_the_address_itself_finds_the_page_of_files(cast, signed_in):
    assert signed_in(cast.alice).get(SEND).url == FILES


# For whom ---------------------------------------------------------------------------------------


def test_with_several_people_one_has_to_say_for_whom(cast, signed_in):
    gina = signed_in(cast.gina)
    answer = gina.post(SEND, {"files": [text()]})
    assert answer.status_code == 422 and "Please say whom the files are about." in answer.text
    post(gina, text(), client=cast.lena.pk)
    assert Upload.objects.get().client == cast.lena


@pytest.mark.parametrize("person", ["bob_client", "alice_client"])
def test_s2_files_for_somebody_elses_client_are_refused(cast, signed_in, person):
    answer = signed_in(cast.gina).post(SEND, {"files": [text()], "client": getattr(cast, person).pk})
    assert answer.status_code == 422 and not Upload.objects.exists()


def test_s2_a_login_of_one_client_cannot_name_another(cast, signed_in):
    post(signed_in(cast.alice), text(), client=cast.bob_client.pk)
    assert Upload.objects.get().client == cast.alice_client


def test_people_without_the_right_to_files_are_no_choice(cast, signed_in):
    Access.objects.filter(user=cast.gina, client=cast.timo).update(areas=["appointments"])
    gina = signed_in(cast.gina)
    assert "For whom?" not in gina.get(FILES).text
    post(gina, text(), client=cast.timo.pk)
    assert Upload.objects.get().client == cast.lena


def test_without_any_right_to_files_nothing_can_be_sent(cast, signed_in):
    Access.objects.filter(user=cast.alice).update(areas=["appointments"])
    assert signed_in(cast.alice).post(SEND, {"files": [text()]}).status_code == 404
    assert not Upload.objects.exists()


# By a script ------------------------------------------------------------------------------------


def test_a_script_gets_what_became_of_each_file(cast, signed_in):
    answer = signed_in(cast.alice).post(SEND, {"files": [text(), bad("run.exe", PROGRAM)]}, headers=JSON)
    assert answer.status_code == 201
    first, second = answer.json()["files"]
    kept = Upload.objects.get()
    assert first == {
        "name": "letter.txt",
        "outcome": "received",
        "words": "Received. We are checking it now.",
        "id": str(kept.pk),
    }
    assert (second["outcome"], second["id"]) == ("refused", "") and "programs cannot be sent" in second["words"]


def test_a_script_is_told_of_a_file_that_is_known(cast, signed_in):
    upload = send(cast.alice, cast.alice_client)
    [said] = signed_in(cast.alice).post(SEND, {"files": [text()]}, headers=JSON).json()["files"]
    assert said["outcome"] == "known" and said["id"] == str(upload.pk)
    assert said["words"].startswith("You already sent this on ")


def test_a_script_is_told_what_is_missing(cast, signed_in):
    answer = signed_in(cast.gina).post(SEND, {"files": [text()]}, headers=JSON)
    assert answer.status_code == 422
    assert answer.json() == {"errors": ["Please say whom the files are about."]}


def test_what_was_not_sent_when_the_session_ended_is_told_by_name_afterwards(cast, signed_in):
    """A browser keeps no files; their names are kept like typed text."""
    browser = signed_in(cast.alice)
    kept_forms.keep(FILES, [("not_sent_yet", ["a.pdf\nb.pdf"])], by=cast.alice)
    session = browser.session
    session[kept_forms.PAGES] = [FILES]
    session.save()
    page = browser.get(FILES).text
    assert "These files were not sent yet. Please choose them again" in page and "a.pdf" in page
    answer = browser.post(SEND, {"files": [text()]}, headers={**JSON, "referer": "http://testserver/uploads/"})
    assert answer.status_code == 201 and not KeptForm.objects.filter(path=FILES).exists()


# Names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "..\\..\\x.txt", "a/b/letter.txt"])
def test_s43_parts_of_a_path_are_no_part_of_the_name(cast, signed_in, name):
    post(signed_in(cast.alice), text(name=name))
    upload = Upload.objects.get()
    assert "/" not in upload.name and "\\" not in upload.name
    assert re.fullmatch(r"uploads/[0-9a-f]{64}", upload.file.name)


def test_s43_names_that_troubled_others_are_kept_shown_as_text_and_no_part_of_any_path(cast, signed_in):
    browser = signed_in(cast.alice)
    for number, name in enumerate(NAMES):
        body = (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
            + f"{name}.txt".replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogatepass")
            + f'"\r\n\r\nLetter {number}\r\n--x--\r\n'.encode()
        )
        assert browser.generic("POST", SEND, body, content_type="multipart/form-data; boundary=x").status_code == 302
    uploads = list(Upload.objects.all())
    assert len(uploads) == len(NAMES)
    assert {len(upload.name) for upload in uploads} <= set(range(1, 256))
    assert all(re.fullmatch(r"uploads/[0-9a-f]{64}", upload.file.name) for upload in uploads)
    for page in range(1, len(NAMES) // 20 + 2):
        shown = browser.get(FILES, {"page": page}).text
        assert not re.search(r"<(?:img|script|div style)\b(?![^>]*class=)[^>]*(?:onerror|alert)", shown, re.IGNORECASE)


def test_s43_a_name_of_three_hundred_letters_keeps_its_ending(cast, signed_in):
    post(signed_in(cast.alice), text(name="n" * 300 + ".txt"))
    assert Upload.objects.get().name.endswith("n….txt")


def test_the_moment_of_sending_is_the_servers(cast, signed_in):
    before = timezone.now()
    post(signed_in(cast.alice), text(), sent_at="2020-01-01")
    assert Upload.objects.get().sent_at >= before


def test_nobody_sends_without_signing_in(client, practice):
    answer = client.post(SEND, {"files": [text()]})
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_login"))


def test_so_many_files_that_nobody_counts_them_are_refused_with_a_page_that_says_so(cast, signed_in, settings):
    many = [text(f"Page {number}") for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]
    alice = signed_in(cast.alice)
    page = alice.post(SEND, {"files": many})
    assert page.status_code == 413 and "too many files at once, so nothing was stored" in page.text
    assert not Upload.objects.exists()
