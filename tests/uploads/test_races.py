"""Two people, or two tabs, with files at the same instant: real connections, one waits for the other."""

import threading

import pytest
from django.db import connection, transaction

from tests.uploads.sent import checked, send, text
from uploads.actions import files, requests
from uploads.models import Upload, UploadRequest

pytestmark = pytest.mark.django_db(transaction=True)
WAITERS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


class Beside(threading.Thread):
    """A verb with a connection of its own; `begin` returns when it is through, or waits for a lock."""

    def __init__(self, verb):
        super().__init__()
        self.verb, self.outcome = verb, None

    def run(self):
        try:
            self.outcome = self.verb()
        except Exception as raised:  # noqa: BLE001 - whatever it is, the test looks at it
            self.outcome = raised
        finally:
            connection.close()

    def begin(self, waiters):
        self.start()
        while self.is_alive() and _waiting() < waiters:
            self.join(0.02)
        return self


def _waiting():
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(WAITERS)
        return cursor.fetchone()[0]


@pytest.fixture
def asked(cast):
    return requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card")


def test_a_file_withdrawn_in_another_tab_while_it_is_sent_again_answers_nothing(cast, asked):
    """Its sender must not read that it is kept, nor the practice that it came, while its bytes go."""
    upload = send(cast.alice, cast.alice_client)
    with transaction.atomic():
        UploadRequest.objects.select_for_update().get(pk=asked.pk)
        sent = Beside(lambda: send(cast.alice, cast.alice_client, request=asked)).begin(1)
        withdrawn = Beside(lambda: files.withdraw(upload, by=cast.alice)).begin(2)
    sent.join()
    withdrawn.join()
    assert (sent.outcome, withdrawn.outcome) == (upload, None)
    assert Upload.objects.get().withdrawn_at and UploadRequest.objects.get().status == "asked"


def test_what_is_accepted_while_it_is_withdrawn_is_accepted_with_its_file_or_not_at_all(cast, asked):
    upload = checked(send(cast.alice, cast.alice_client, text(), request=asked))
    with transaction.atomic():
        UploadRequest.objects.select_for_update().get(pk=asked.pk)
        accepted = Beside(lambda: requests.accept(asked, by=cast.olga)).begin(1)
        withdrawn = Beside(lambda: files.withdraw(upload, by=cast.alice)).begin(2)
    accepted.join()
    withdrawn.join()
    kept = Upload.objects.get().withdrawn_at is None
    assert UploadRequest.objects.get().status == ("accepted" if kept else "asked")
    assert [type(one.outcome).__name__ for one in (accepted, withdrawn)].count("NoneType") == 1
