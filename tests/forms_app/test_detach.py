"""A file is taken back before the form is sent; what was sent stays."""

import pytest
from django.urls import reverse

from forms_app.actions import reviews
from forms_app.models import Attachment, Draft
from tests.forms_app.house import asked, item, save, submit
from tests.forms_app.pages import JSON
from tests.forms_app.test_attach import attach, held
from tests.uploads.sent import picture, text
from uploads.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(cast):
    return asked(
        cast.alice_client, item("name"), item("card", "attachment"), item("photos", "attachment", repeats=True)
    )


@pytest.fixture
def upload(cast, signed_in, form):
    attach(signed_in(cast.alice), form, "card", text("Card", "card.txt"))
    return Upload.objects.get()


def detach(browser, form, key, upload, *, revision=1, page="page", json=True, **fields):
    url = reverse("forms_app:detach", args=[form.pk])
    sent = {"_revision": revision, "_page": page, "_detach": f"{key} {upload}", "_shown": list(fields), **fields}
    return browser.post(url, sent, headers=JSON if json else {})


def test_a_file_that_is_taken_back_is_gone(cast, signed_in, form, upload):
    told = detach(signed_in(cast.alice), form, "card", upload.pk).json()
    assert "card.txt" not in told["list"] and told["progress"]["answered"] == 0
    upload.refresh_from_db()
    assert upload.withdrawn_at and not upload.file
    assert not Attachment.objects.exists() and held(form, "card") == []


def test_of_several_only_the_named_one_goes(cast, signed_in, form):
    browser = signed_in(cast.alice)
    attach(browser, form, "photos", picture(1), picture(2))
    first, second = held(form, "photos")
    detach(browser, form, "photos", first)
    assert held(form, "photos") == [second]


def test_without_a_script_what_else_was_typed_is_saved(cast, signed_in, form, upload):
    answer = detach(signed_in(cast.alice), form, "card", upload.pk, json=False, name="typed")
    assert answer["Location"] == reverse("forms_app:fill", args=[form.pk]) + "#q-card"
    assert Draft.objects.get().entries == {"name": ["typed"]}


def test_a_file_that_another_form_holds_stays_with_it(cast, signed_in, form, upload):
    other = asked(cast.alice_client, item("card", "attachment"), url="http://example.org/Questionnaire/other")
    browser = signed_in(cast.alice)
    attach(browser, other, "card", text("Card", "card.txt"))
    detach(browser, form, "card", upload.pk)
    upload.refresh_from_db()
    assert upload.withdrawn_at is None and held(other, "card") == [str(upload.pk)] and held(form, "card") == []


def test_what_was_sent_before_stays_in_what_was_sent(cast, signed_in, form, upload):
    response = submit(form, cast.alice, page="page", name="A").response
    reviews.send_back(response, by=cast.dana, comment="Without the card, please.")
    detach(signed_in(cast.alice), form, "card", upload.pk, revision=2)
    upload.refresh_from_db()
    assert upload.withdrawn_at is None and upload.file and held(form, "card") == []
    assert Attachment.objects.filter(upload=upload).exists()


def test_once_submitted_it_stays(cast, signed_in, form, upload):
    submit(form, cast.alice, page="page", name="A")
    assert detach(signed_in(cast.alice), form, "card", upload.pk, revision=2).status_code == 410
    assert held(form, "card") == [str(upload.pk)]


def test_s55_from_an_old_page_it_stays_until_somebody_chooses(cast, signed_in, form, upload):
    save(form, cast.alice, revision=1, page="phone", name="phone")
    answer = detach(signed_in(cast.alice), form, "card", upload.pk, page="laptop", name="laptop")
    assert answer.status_code == 409
    upload.refresh_from_db()
    assert upload.withdrawn_at is None and held(form, "card") == [str(upload.pk)]


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_nobody_else_takes_it_back(cast, signed_in, form, upload, who):
    assert detach(signed_in(getattr(cast, who)), form, "card", upload.pk).status_code == 404
    assert held(form, "card") == [str(upload.pk)]


@pytest.mark.parametrize(
    "named", ["card x", "card", "", "name 1", "stranger 1", "card 00000000-0000-0000-0000-000000000000"]
)
def test_what_is_not_there_is_never_an_error_of_the_server(cast, signed_in, form, upload, named):
    key, _blank, other = named.rpartition(" ")
    assert detach(signed_in(cast.alice), form, key, other).status_code in {200, 404}
    assert held(form, "card") == [str(upload.pk)]
