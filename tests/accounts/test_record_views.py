"""“Who has looked at my record”: every look of the staff, for the people whose record it is."""

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from accounts.actions import traces
from accounts.models import RecordView, User
from tests import factories
from tests.accounts.reading import page, text_of, url


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def test_who_looked_is_named_with_what_and_when_in_the_readers_zone(cast, alice):
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Asia/Tokyo")
    look = traces.note_record_view(cast.alice_client, by=cast.dana, page="details")
    local = timezone.localtime(look.at, timezone=ZoneInfo("Asia/Tokyo"))
    shown = text_of(page(alice, url("record_views", cast.alice_client)))
    assert "Dana Diaz , RD" in shown.replace("Dana Diaz,", "Dana Diaz ,") and "Details" in shown
    assert f"{local.day}" in shown and "JST" in shown
    assert "to give care" in shown


def test_before_anybody_looked_it_says_so(cast, alice):
    assert "Nobody has looked yet" in page(alice, url("record_views", cast.alice_client))


def test_only_looks_of_staff_at_this_client_are_there(cast, alice):
    traces.note_record_view(cast.bob_client, by=cast.olga, page="record")
    RecordView.objects.create(client=cast.alice_client, user=cast.alice, page="record")
    assert "Nobody has looked yet" in page(alice, url("record_views", cast.alice_client))


def test_a_staff_login_without_a_name_does_not_show_its_address(cast, alice):
    nameless = factories.user("", email="office@example.com", is_staff=True)
    traces.note_record_view(cast.alice_client, by=nameless, page="record")
    shown = page(alice, url("record_views", cast.alice_client))
    assert "Somebody of the practice" in shown and "office@example.com" not in shown


def test_what_was_looked_at_is_said_in_the_readers_language(cast, alice):
    with translation.override("es"):
        look = traces.note_record_view(cast.alice_client, by=cast.dana, page=gettext_lazy("details"))
    assert look.page == "details"


def test_many_looks_come_in_pages_with_as_many_questions(cast, alice):
    where, counts = url("record_views", cast.alice_client), []
    for number in (1, 30):
        for _ in range(number):
            traces.note_record_view(cast.alice_client, by=cast.dana, page="record")
        with CaptureQueriesContext(connection) as asked:
            shown = alice.get(where)
        counts.append(len(asked))
    assert "Page 1 of 2" in shown.text and shown.text.count("Dana Diaz") == 20
    assert page(alice, f"{where}?page=2").count("Dana Diaz") == 11
    assert counts[0] == counts[1]
