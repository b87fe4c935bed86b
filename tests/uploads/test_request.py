"""The page of one request, and the files that are sent for it."""

import pytest
from django.urls import reverse

from tests.uploads.sent import PROGRAM, checked, send, text
from uploads.actions import requests
from uploads.models import Upload, UploadRequest

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
LATE = "This request is not open any more, so we received it as a general file."


@pytest.fixture
def asked(cast):
    return requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card", instructions="Both sides.")


def url(row):
    return reverse("uploads:request", args=[row.pk])


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def status(row):
    return UploadRequest.objects.get(pk=row.pk).status


def test_the_page_tells_what_is_asked_and_takes_files(cast, signed_in, asked):
    page = signed_in(cast.alice).get(url(asked)).text
    assert "Insurance card" in page and "Both sides." in page and "Asked for" in page
    assert f'action="{url(asked)}" data-upload' in page and "up to 50 MB each" in page


def test_a_file_for_it_moves_it_to_received_and_is_listed(cast, signed_in, asked):
    answer = signed_in(cast.alice).post(url(asked), {"files": [text(name="front.txt")]}, follow=True)
    assert answer.redirect_chain == [(url(asked), 302)]
    assert told(answer) == ["Received: <bdi>front.txt</bdi>. We are checking it now."]
    assert status(asked) == "received" and asked.uploads.get().name == "front.txt"
    assert "You sent for this" in answer.text and "nothing more for you to do" in answer.text


def test_a_second_file_may_follow(cast, signed_in, asked):
    alice = signed_in(cast.alice)
    for name in ("front.txt", "back.txt"):
        alice.post(url(asked), {"files": [text(name, name)]})
    assert asked.uploads.count() == 2 and status(asked) == "received"


def test_a_refused_file_answers_nothing(cast, signed_in, asked):
    answer = signed_in(cast.alice).post(url(asked), {"files": [text(PROGRAM.decode(), "run.exe")]}, follow=True)
    assert "programs cannot be sent" in told(answer)[0] and status(asked) == "asked"


def test_a_file_that_was_sent_before_counts_for_it_too(cast, signed_in, asked):
    known = send(cast.alice, cast.alice_client)
    answer = signed_in(cast.alice).post(url(asked), {"files": [text()]}, follow=True)
    assert told(answer)[0].startswith("<strong><bdi>letter.txt</bdi></strong>: You already sent this on")
    assert list(asked.uploads.all()) == [known] and status(asked) == "received"


def test_without_a_file_the_field_says_so(cast, signed_in, asked):
    answer = signed_in(cast.alice).post(url(asked), {})
    assert answer.status_code == 422 and "Please choose a file first." in answer.text
    assert signed_in(cast.alice).post(url(asked), {}, headers=JSON).json() == {
        "errors": ["Please choose a file first."]
    }


def test_sent_again_it_is_received_once_more(cast, signed_in, asked):
    checked(send(cast.alice, cast.alice_client, request=asked))
    requests.send_again(asked, by=cast.olga, reason="The number cannot be read.")
    alice = signed_in(cast.alice)
    assert "The number cannot be read." in alice.get(url(asked)).text
    alice.post(url(asked), {"files": [text("Better")]})
    assert status(asked) == "received"


@pytest.mark.parametrize("ended", ["cancelled", "accepted"])
def test_one_that_is_over_is_explained_and_leads_to_the_general_form(cast, signed_in, asked, ended):
    end(cast, asked, ended)
    page = signed_in(cast.alice).get(url(asked)).text
    words = {
        "cancelled": "This is not needed any more, so this request takes no files.",
        "accepted": "We have what we need, so this request takes no more files.",
    }[ended]
    assert words in page and "You can still send a file of your own accord." in page
    assert 'href="/uploads/#send"' in page and "data-upload" not in page


@pytest.mark.parametrize("ended", ["cancelled", "accepted"])
def test_a_file_for_one_that_ended_meanwhile_is_received_as_a_general_file(cast, signed_in, asked, ended):
    """The form was open when staff cancelled or accepted; a browser cannot keep the file for a second press."""
    alice = signed_in(cast.alice)
    end(cast, asked, ended)
    answer = alice.post(url(asked), {"files": [text("Late", "late.txt")]}, follow=True)
    assert told(answer) == [f"<strong><bdi>late.txt</bdi></strong>: {LATE}"]
    late = Upload.objects.get(name="late.txt")
    assert not late.requests.exists() and status(asked) == ended
    [said] = alice.post(url(asked), {"files": [text("Later")]}, headers=JSON).json()["files"]
    assert (said["outcome"], said["words"]) == ("received", LATE)


def end(cast, asked, how):
    if how == "cancelled":
        requests.cancel(asked, by=cast.olga)
    else:
        checked(send(cast.alice, cast.alice_client, text("First"), request=asked))
        requests.accept(asked, by=cast.olga)


def test_a_script_gets_json(cast, signed_in, asked):
    answer = signed_in(cast.alice).post(url(asked), {"files": [text()]}, headers=JSON)
    assert answer.status_code == 201 and answer.json()["files"][0]["outcome"] == "received"


def test_s1_somebody_elses_request_is_not_found_and_takes_nothing(cast, signed_in, asked):
    bob = signed_in(cast.bob)
    assert bob.get(url(asked)).status_code == 404
    assert bob.post(url(asked), {"files": [text()]}).status_code == 404
    assert not Upload.objects.exists() and status(asked) == "asked"


def test_the_file_of_a_request_is_of_its_client_whatever_is_forged(cast, signed_in):
    asked = requests.ask(client=cast.timo, by=cast.olga, title="Growth chart")
    signed_in(cast.gina).post(url(asked), {"files": [text()], "client": cast.lena.pk, "person": cast.lena.pk})
    assert Upload.objects.get().client == cast.timo


def test_with_several_people_the_page_names_its_own(cast, signed_in):
    asked = requests.ask(client=cast.timo, by=cast.olga, title="Growth chart")
    assert '<span class="person">Timo</span>' in signed_in(cast.gina).get(url(asked)).text
