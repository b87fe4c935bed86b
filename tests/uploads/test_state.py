"""What became of files that were being checked, for the page that waits for it."""

import time
from uuid import uuid4

import pytest

from accounts.models import Practice
from tests.uploads.sent import checked, refused, send, text
from uploads.models import Upload

pytestmark = pytest.mark.django_db
STATE = "/uploads/state/"


def state(browser, *ids):
    return browser.get(STATE, {"upload": list(ids)}).json()["files"]


def test_it_tells_each_state_in_words(cast, signed_in):
    alice = signed_in(cast.alice)
    upload = send(cast.alice, cast.alice_client)
    known = {"id": str(upload.pk), "name": "letter.txt"}
    assert state(alice, upload.pk) == [{**known, "outcome": "checking", "words": "Received. We are checking it now."}]
    checked(upload)
    assert state(alice, upload.pk) == [{**known, "outcome": "available", "words": "Received and checked."}]
    refused(upload, "encrypted")
    [said] = state(alice, upload.pk)
    assert said["outcome"] == "refused" and said["words"].startswith("This file is locked with a password.")


def test_s1_others_files_strange_ids_and_none_are_left_out(cast, signed_in):
    theirs = send(cast.bob, cast.bob_client)
    alice = signed_in(cast.alice)
    assert state(alice, theirs.pk, uuid4(), "nonsense", "' or 1=1", "1") == []
    assert state(alice) == []


def test_it_asks_after_a_hundred_at_the_most(cast, signed_in):
    upload = send(cast.alice, cast.alice_client, text())
    assert state(signed_in(cast.alice), *[uuid4() for _ in range(100)], upload.pk) == []
    assert Upload.objects.count() == 1


def test_waiting_for_a_check_does_not_keep_a_session_alive(cast, signed_in):
    alice = signed_in(cast.alice)
    alice.get("/uploads/")
    idle = Practice.current().client_idle_minutes * 60
    session = alice.session
    session["active_at"] = active_at = time.time() - idle / 2
    session.save()
    alice.get(STATE)
    alice.get("/uploads/", headers={"x-passive": "1"})
    assert alice.session["active_at"] == active_at
