"""What a client's archive holds of appointments: a calendar, FHIR, lists; all of the one client, nothing of others."""

import csv
import io
import json

import pytest
from icalendar import Calendar

from appointments import fhir
from appointments.models import Appointment, Preferences
from tests import factories
from tests.accounts.test_fhir import wrong
from tests.appointments import house
from tests.appointments.readers import events
from tests.portal.archives import opened, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rows(cast):
    place = house.location(name="Linden Street")
    over = house.appointment(cast.alice_client, at=house.ahead(days=-400), status="completed", location=place)
    ahead = house.appointment(cast.alice_client, at=house.ahead(days=4), note="for the team only")
    gone = house.appointment(cast.alice_client, at=house.ahead(days=5), status="cancelled", reason="A cold")
    house.appointment(cast.bob_client, at=house.ahead(days=6), service=house.service(name="Talk with Bob"))
    return [over, ahead, gone]


def test_there_is_one_calendar_of_all_of_them_with_details(cast, rows):
    data = opened(cast.alice, cast.alice_client)["appointments/appointments.ics"]
    found = events(data)
    assert [str(event["UID"]) for event in found] == [str(row.pk) for row in rows]
    assert found[0]["SUMMARY"] == "Nutrition talk" and "Linden Street" in found[0]["LOCATION"]
    assert [event["STATUS"] for event in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert Calendar.from_ical(data)["X-WR-CALNAME"] == "Appointments"


def test_without_appointments_there_is_no_calendar(cast):
    assert "appointments/appointments.ics" not in opened(cast.alice, cast.alice_client)


def test_the_read_me_says_what_it_is(cast, rows):
    assert "appointments: for a calendar program" in opened(cast.alice, cast.alice_client)["README.txt"].decode()


STATES = {
    "scheduled": "booked", "completed": "fulfilled", "no_show": "noshow", "cancelled": "cancelled",
    "late_cancelled": "cancelled",
}  # fmt: skip


@pytest.mark.parametrize("status", Appointment.Status.values)
def test_every_state_is_a_valid_resource(cast, status):
    row = house.appointment(cast.alice_client, status=status, reason="A cold")
    made = fhir.appointment(row)
    assert not wrong(made, "Resource") and made["status"] == STATES[status]
    assert made["minutesDuration"] == 50 and made["serviceType"] == [{"text": "Nutrition talk"}]
    assert ("cancelationReason" in made) == row.is_cancelled
    assert [one["actor"].get("display") for one in made["participant"][1:]] == ["Dana Diaz, RD", "Linden Street"]
    assert made["participant"][0]["actor"]["reference"] == f"urn:uuid:{cast.alice_client.pk}"


def test_of_a_group_the_archive_knows_oneself_only(cast):
    held = house.booking()
    for person in (cast.alice_client, cast.bob_client):
        house.appointment(person, booking=held)
    files = opened(cast.alice, cast.alice_client)
    # Packed bytes of a PDF may spell any three letters.
    text = b"\n".join(held for name, held in files.items() if not name.endswith(".pdf")).decode(errors="replace")
    assert "Bob" not in text and str(cast.bob_client.pk) not in text
    kinds = [entry["resource"]["resourceType"] for entry in json.loads(files["bundle.json"])["entry"]]
    assert kinds.count("Appointment") == 1


def test_the_record_has_the_facts_the_requests_and_the_history(cast, rows):
    request = house.asked(
        rows[1], wished=[house.ahead(days=9)], offered=[house.ahead(days=10)], reason="A train", asked_by=cast.alice
    )
    house.step(rows[1], "seen", request=request)
    Preferences.objects.create(client=cast.alice_client, reminders=False)
    found = record(cast.alice, cast.alice_client)
    assert [row["status"] for row in found["appointments"]] == ["completed", "scheduled", "cancelled"]
    assert found["appointments"][2]["reason"] == "A cold" and found["appointments"][0]["provider"] == "Dana Diaz, RD"
    assert found["appointment_requests"][0]["reason"] == "A train" and found["appointment_requests"][0]["yours"]
    assert {row["kind"] for row in found["appointment_times"]} == {"wished", "offered"}
    assert "seen" in {row["kind"] for row in found["appointment_history"]}
    assert found["appointment_preferences"] == [{"reminders": False}]
    assert "for the team only" not in json.dumps(found)


def test_the_lists_for_a_spreadsheet_say_it_in_words_and_name_the_zone(cast, rows):
    house.asked(rows[1], "cancel", reason="A train")
    files = opened(cast.alice, cast.alice_client)
    listed = list(csv.reader(io.StringIO(files["tables/appointments.csv"].decode("utf-8-sig"))))
    assert listed[0][0] == "From" and len(listed) == 4
    assert "UTC" in listed[1][0] and listed[1][6] == "Took place" and listed[3][7] == "A cold"
    asked = list(csv.reader(io.StringIO(files["tables/appointment-requests.csv"].decode("utf-8-sig"))))
    assert asked[1][1] == "Cancel" and asked[1][4] == "A train"


def test_who_has_no_right_to_appointments_gets_none(cast, rows):
    carer = factories.user("Carl Carter")
    factories.access(carer, cast.alice_client, "carer", areas=["forms"])
    files = opened(carer, cast.alice_client)
    assert "appointments/appointments.ics" not in files
    assert json.loads(files["record.json"])["appointments"] == []


def test_it_takes_as_many_queries_for_thirty_as_for_three(cast, rows, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        opened(cast.alice, cast.alice_client)
    for number in range(30):
        house.appointment(cast.alice_client, at=house.ahead(days=20 + number))
    with django_assert_num_queries(len(few)):
        opened(cast.alice, cast.alice_client)
