"""S74: who asks to be forgotten is, from appointments too; their time is free again, and others' stays."""

from datetime import timedelta

import pytest

from accounts.actions.clients import archive_client
from accounts.models import OutgoingMail
from appointments.models import Appointment, Booking, CalendarFeed, ChangeRequest, ProposedTime, Reminder, Step
from portal.actions.erasure import erase_client
from tests import world as worlds
from tests.appointments import house
from tests.appointments.house import ahead

SECRET = "Quillfeather"


@pytest.fixture
def house_of(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    worlds.fill(cast)
    return cast


def erase(cast, person):
    archive_client(person, by=cast.olga)
    return erase_client(person, by=cast.olga)


def test_what_is_ahead_is_called_off_without_a_mail_and_its_time_is_free(house_of):
    person = house_of.alice_client
    ahead_of_us = Appointment.objects.filter(client=person, status="scheduled", starts_at__gt=ahead()).first()
    erase(house_of, person)
    ahead_of_us.refresh_from_db()
    assert ahead_of_us.status == "cancelled" and ahead_of_us.booking.released_at
    assert not OutgoingMail.objects.filter(client=person).exists()
    house.booking(ahead_of_us.booking.provider, ahead_of_us.starts_at)


def test_no_words_of_anybody_stay_in_rows_or_history(house_of):
    person = house_of.alice_client
    row = house.appointment(person, at=ahead(days=-3), status="cancelled", reason=SECRET, note=SECRET)
    request = house.asked(row, status="declined", reason=SECRET, answer=SECRET)
    house.step(row, "declined", request=request, words=SECRET)
    erase(house_of, person)
    for model in (Appointment, Booking, ChangeRequest, Step):
        kept = [model, *([model.pgh_event_model] if hasattr(model, "pgh_event_model") else [])]
        assert not any(SECRET in str(values) for one in kept for values in one._base_manager.values_list())
    assert not ProposedTime.objects.filter(client=person).exists()
    assert not Reminder.objects.filter(client=person).exists()


def test_the_other_of_a_couple_keeps_the_appointment(house_of):
    both = house.booking(at=ahead(days=40))
    for person in (house_of.alice_client, house_of.bob_client):
        house.appointment(person, booking=both)
    erase(house_of, house_of.alice_client)
    both.refresh_from_db()
    kept = Appointment.objects.get(client=house_of.bob_client, booking=both)
    assert kept.status == "scheduled" and both.released_at is None and kept.ends_at - kept.starts_at > timedelta()


def test_what_somebody_asked_for_ends_with_them(house_of):
    erase(house_of, house_of.alice_client)
    assert not ChangeRequest.objects.open().filter(client=house_of.alice_client).exists()
    assert ChangeRequest.objects.open().filter(client=house_of.bob_client).exists()


def test_the_calendar_address_goes_with_the_login(house_of):
    CalendarFeed.objects.create(user=house_of.alice, token_hash="a" * 64)
    CalendarFeed.objects.create(user=house_of.bob, token_hash="b" * 64)
    erase(house_of, house_of.alice_client)
    assert list(CalendarFeed.objects.values_list("user", flat=True)) == [house_of.bob.pk]
