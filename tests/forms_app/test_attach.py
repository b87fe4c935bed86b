"""A file answers a question: taken in at once, shown with its state, seen by the practice once the form is sent."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.storage import CannotStore, Disk
from forms_app.actions import assignments, attachments, reviews
from forms_app.models import Assignment, Attachment, Draft, DraftVersion, QuestionnaireResponse
from tests.forms_app.house import asked, item, save, submit
from tests.forms_app.pages import JSON
from tests.together import at_once
from tests.uploads.sent import PROGRAM, checked, picture, refused, text
from uploads.actions import files
from uploads.models import Upload

pytestmark = pytest.mark.django_db
MAX_SIZE = "http://hl7.org/fhir/StructureDefinition/maxSize"
MIME_TYPE = "http://hl7.org/fhir/StructureDefinition/mimeType"
MAX_OCCURS = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs"


def of(kind, **value):
    return {"url": kind, **value}


@pytest.fixture
def form(cast):
    return asked(
        cast.alice_client,
        item("name"),
        item("card", "attachment", required=True),
        item("photos", "attachment", repeats=True, extension=[of(MAX_OCCURS, valueInteger=2)]),
        item("scan", "attachment", extension=[of(MIME_TYPE, valueCode="image/*"), of(MAX_SIZE, valueDecimal=0.005)]),
    )


def attach(browser, form, key, *chosen, revision=0, page="page", json=True, **fields):
    url = reverse("forms_app:attach", args=[form.pk])
    shown = {"_shown": [name for name in fields if not name.startswith("_")]}
    sent = {"_revision": revision, "_page": page, "_attach": key, f"{key}~file": list(chosen), **shown, **fields}
    return browser.post(url, sent, headers=JSON if json else {})


def held(form, key):
    return [raw["upload"] for raw in Draft.objects.get(pk=form.pk).entries.get(key, [])]


# Taken in -------------------------------------------------------------------------------------------


def test_a_file_is_kept_for_its_question_and_is_being_checked(cast, signed_in, form):
    answer = attach(signed_in(cast.alice), form, "card", text("Card", "card.txt"))
    upload = Upload.objects.get()
    assert answer.status_code == 200
    assert [(file["name"], file["outcome"]) for file in answer.json()["files"]] == [("card.txt", "received")]
    assert held(form, "card") == [str(upload.pk)]
    assert (upload.client, upload.area, upload.is_draft, upload.status) == (
        cast.alice_client,
        "forms",
        True,
        "scanning",
    )
    assert Attachment.objects.get().added_by == cast.alice
    assert Assignment.objects.get(pk=form.pk).status == "in_progress"


def test_the_page_gets_the_list_of_files_and_what_its_answers_mean(cast, signed_in, form):
    told = attach(signed_in(cast.alice), form, "card", text("Card", "card.txt")).json()
    assert "card.txt" in told["list"] and "Being checked" in told["list"] and 'name="_detach"' in told["list"]
    assert told["revision"] == 1 and told["progress"]["answered"] == 1


@pytest.mark.parametrize("who", ["olga", "dana", "rhea"])
def test_the_practice_sees_it_only_once_the_form_is_sent(cast, signed_in, form, who):
    attach(signed_in(cast.alice), form, "card", text("Card"))
    upload = checked(Upload.objects.get())
    staff = getattr(cast, who)
    assert upload not in Upload.objects.visible_to(staff)
    assert submit(form, cast.alice, page="page", name="A").response
    assert (upload in Upload.objects.visible_to(staff)) is (who != "rhea")


def test_a_question_for_one_file_takes_the_new_one_in_place_of_the_old(cast, signed_in, form):
    browser = signed_in(cast.alice)
    attach(browser, form, "card", text("one", "one.txt"))
    attach(browser, form, "card", text("two", "two.txt"))
    assert held(form, "card") == [str(Upload.objects.get(name="two.txt").pk)]
    gone = Upload.objects.get(name="one.txt")
    assert gone.withdrawn_at and not gone.file
    assert [attachment.upload.name for attachment in Attachment.objects.all()] == ["two.txt"]


def test_a_question_for_several_takes_several_at_once_and_no_more_than_it_may(cast, signed_in, form):
    told = attach(signed_in(cast.alice), form, "photos", picture(1), picture(2), picture(3)).json()
    assert [file["outcome"] for file in told["files"]] == ["received", "received", "refused"]
    assert told["files"][2]["words"] == "This question takes 2 files only."
    assert len(held(form, "photos")) == 2


def test_the_same_bytes_twice_are_one_file(cast, signed_in, form):
    browser = signed_in(cast.alice)
    attach(browser, form, "photos", picture(1))
    told = attach(browser, form, "photos", picture(1)).json()
    assert told["files"][0]["outcome"] == "known" and "It is kept once." in told["files"][0]["words"]
    assert len(held(form, "photos")) == 1 and Upload.objects.count() == 1


def test_the_same_file_answers_two_forms(cast, signed_in, form):
    other = asked(cast.alice_client, item("card", "attachment"), url="http://example.org/Questionnaire/other")
    browser = signed_in(cast.alice)
    attach(browser, form, "card", text("Card"))
    attach(browser, other, "card", text("Card"))
    assert held(form, "card") == held(other, "card") and Upload.objects.count() == 1
    submit(other, cast.alice, page="page")
    attach(browser, form, "card", text("Another"))
    assert Upload.objects.get(pk=held(other, "card")[0]).withdrawn_at is None


# Refused --------------------------------------------------------------------------------------------


def test_what_the_portal_does_not_take_is_told_by_its_own_sentence(cast, signed_in, form):
    told = attach(signed_in(cast.alice), form, "card", SimpleUploadedFile("run.exe", PROGRAM)).json()
    assert told["files"][0]["words"].startswith("This file is a program")
    assert not Upload.objects.exists() and held(form, "card") == []


def test_what_the_question_does_not_take_is_told_by_what_it_takes(cast, signed_in, form):
    told = attach(signed_in(cast.alice), form, "scan", text("not a picture")).json()
    assert told["files"][0]["words"] == "This question takes other files only: image/*."
    assert attach(signed_in(cast.alice), form, "scan", picture(1)).json()["files"][0]["outcome"] == "received"


def test_what_a_file_calls_itself_does_not_count(cast, signed_in, form):
    said = SimpleUploadedFile("photo.png", b"plain words", "image/png")
    assert attach(signed_in(cast.alice), form, "scan", said).json()["files"][0]["outcome"] == "refused"


def test_a_file_over_the_questions_limit_is_told_the_limit(cast, signed_in, form):
    large = SimpleUploadedFile("large.png", picture(1).read() + bytes(6000), "image/png")
    told = attach(signed_in(cast.alice), form, "scan", large).json()
    assert told["files"][0]["words"] == "This file is larger than 5.1\xa0KB. Please send a smaller copy."


def test_an_empty_file_is_told_so_whatever_the_question_takes(cast, signed_in, form):
    told = attach(signed_in(cast.alice), form, "scan", SimpleUploadedFile("empty.png", b"")).json()
    assert told["files"][0]["words"].startswith("This file is empty.")


@pytest.mark.parametrize("key", ["name", "stranger", "", "card#1", "card#0.0", "__proto__"])
def test_a_question_that_takes_no_file_is_not_found(cast, signed_in, form, key):
    assert attach(signed_in(cast.alice), form, key, text("x")).status_code == 404
    assert not Upload.objects.exists() and not Draft.objects.exists()


def test_without_a_file_only_the_rest_of_the_page_is_saved(cast, signed_in, form):
    told = attach(signed_in(cast.alice), form, "card", name="typed").json()
    assert told["files"] == [] and Draft.objects.get().entries == {"name": ["typed"]}


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_somebody_elses_form_takes_no_file(cast, signed_in, form, who):
    assert attach(signed_in(getattr(cast, who)), form, "card", text("x")).status_code == 404
    assert not Upload.objects.exists()


def test_a_disk_that_is_full_is_told_and_nothing_is_kept(cast, signed_in, form, monkeypatch):
    def full(*_args):
        raise CannotStore(28, "No space left on device")

    monkeypatch.setattr(Disk, "_save", full)
    answer = attach(signed_in(cast.alice), form, "card", text("x"))
    assert answer.status_code == 507 and "could not store this file" in answer.json()["files"][0]["words"]
    assert not Upload.objects.exists() and not Draft.objects.exists()


def test_a_file_that_was_refused_when_it_was_checked_says_why_and_answers_nothing(cast, signed_in, form):
    browser = signed_in(cast.alice)
    attach(browser, form, "card", text("Card", "card.txt"))
    refused(Upload.objects.get(), "infected")
    page = browser.get(reverse("forms_app:fill", args=[form.pk])).text
    assert "Our virus scanner found something harmful in this file" in page
    assert not submit(form, cast.alice, page="page", name="A").response
    assert not QuestionnaireResponse.objects.exists()


# Without a script -----------------------------------------------------------------------------------


def test_without_a_script_what_else_was_typed_is_saved_and_the_page_comes_back_at_the_question(cast, signed_in, form):
    home = reverse("forms_app:fill", args=[form.pk])
    browser = signed_in(cast.alice)
    answer = attach(browser, form, "card", text("Card", "card.txt"), json=False, name="typed")
    assert answer["Location"] == f"{home}#q-card"
    page = browser.get(home).text
    assert "Received: <bdi>card.txt</bdi>. We are checking it now." in page
    assert re.search(r'name="name"[^>]*value="typed"', page)


@pytest.mark.parametrize(("step", "onward"), [("2", "?step=2"), ("", ""), ("//evil.example", ""), ("²", "")])
def test_it_comes_back_to_the_step_that_it_was_on(cast, signed_in, form, step, onward):
    home = reverse("forms_app:fill", args=[form.pk])
    answer = attach(signed_in(cast.alice), form, "card", text("x"), json=False, _step=step)
    assert answer["Location"] == f"{home}{onward}#q-card"


def test_there_is_nothing_to_read_there(cast, signed_in, form):
    assert signed_in(cast.alice).get(reverse("forms_app:attach", args=[form.pk])).status_code == 405


# Two devices, and what ended meanwhile ------------------------------------------------------------------


def test_s55_a_file_from_an_old_page_is_kept_in_its_version(cast, signed_in, form):
    save(form, cast.alice, page="phone", name="phone")
    browser = signed_in(cast.alice)
    answer = attach(browser, form, "card", text("Card"), page="laptop")
    assert answer.status_code == 409 and "Keep mine" in answer.json()["html"]
    assert held(form, "card") == []
    save(form, cast.alice, page="laptop", name="laptop")
    version = DraftVersion.objects.get()
    assert version.entries == {"name": ["laptop"], "card": [{"upload": str(Upload.objects.get().pk)}]}


def test_a_large_file_that_was_overtaken_by_an_autosave_still_answers(cast, signed_in, form):
    save(form, cast.alice, page="page.7", name="typed meanwhile")
    attach(signed_in(cast.alice), form, "card", text("Card"), page="page")
    assert len(held(form, "card")) == 1


def test_s55_without_a_script_an_old_page_leads_to_the_choice(cast, signed_in, form):
    save(form, cast.alice, page="phone", name="phone")
    answer = attach(signed_in(cast.alice), form, "card", text("Card"), page="laptop", json=False)
    assert answer["Location"] == reverse("forms_app:versions", args=[form.pk])


@pytest.mark.parametrize("json", [True, False])
def test_once_submitted_it_takes_no_file(cast, signed_in, json):
    form = asked(cast.alice_client, item("card", "attachment"))
    submit(form, cast.alice, card="")
    answer = attach(signed_in(cast.alice), form, "card", text("x"), revision=1, json=json)
    assert answer.status_code == (410 if json else 302)
    assert not Upload.objects.exists()


def test_what_was_cancelled_meanwhile_takes_no_file(cast, signed_in, form):
    assignments.cancel(form, by=cast.dana)
    answer = attach(signed_in(cast.alice), form, "card", text("x"))
    assert (answer.status_code, answer.json()["said"]) == (410, "This form is no longer needed.")


def test_a_returned_form_keeps_the_file_that_was_sent_when_another_takes_its_place(cast, signed_in, form):
    browser = signed_in(cast.alice)
    attach(browser, form, "card", text("first", "first.txt"))
    done = submit(form, cast.alice, page="page", name="A")
    reviews.send_back(done.response, by=cast.dana, comment="Too dark.")
    attach(browser, form, "card", text("second", "second.txt"), revision=2)
    first = Upload.objects.get(name="first.txt")
    assert first.withdrawn_at is None and first.file
    assert held(form, "card") == [str(Upload.objects.get(name="second.txt").pk)]
    assert Attachment.objects.filter(upload=first).exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_sent_while_the_form_is_submitted_is_in_it_or_refused(cast):
    form = asked(cast.alice_client, item("a"), item("card", "attachment"))
    save(form, cast.alice, page="p", a="x")
    what = attachments.Save({}, 1, "p")
    sending, _submitting = at_once(
        lambda: attachments.attach(form, [text("Card")], what, key="card", by=cast.alice),
        lambda: submit(form, cast.alice, 1, page="p", a="x"),
    )
    response = QuestionnaireResponse.objects.get()
    is_in = "valueAttachment" in str(response.resource)
    assert is_in is not isinstance(sending, Exception)
    assert not Upload.objects.filter(is_draft=True, attachments__assignment=form).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_file_in_two_tabs_at_once_is_one(cast):
    form = asked(cast.alice_client, item("photos", "attachment", repeats=True))
    what = attachments.Save({}, 0, "p")
    at_once(*[lambda: attachments.attach(form, [picture(1)], what, key="photos", by=cast.alice)] * 2)
    assert len(held(form, "photos")) == 1 and Upload.objects.count() == Attachment.objects.count() == 1


def test_a_file_of_another_form_is_no_answer(cast, signed_in, form):
    stranger = files.receive(text("x"), client=cast.bob_client, by=cast.bob, area="forms", is_draft=True).upload
    saved = save(form, cast.alice, page="page", card=str(stranger.pk))
    assert saved.filled.files() == []
