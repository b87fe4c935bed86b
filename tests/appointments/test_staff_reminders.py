"""Staff see who was reminded, what became of the mails and what is still to come; and switch reminders off and on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail, RecordView
from appointments.actions import reminders
from appointments.actions.preferences import set_reminders
from appointments.models import Preferences, Reminder
from tests.accounts.reading import text_of
from tests.appointments.house import appointment, treats

pytestmark = pytest.mark.django_db
LIST = "admin:appointments_reminder_changelist"
LONG_AGO = timedelta(days=60)


def reminded(client, hours=47, **fields):
    """An appointment in so many hours, with the reminder of two days that is due."""
    now = timezone.now()
    made = appointment(client, at=now + timedelta(hours=hours), timed_at=now - LONG_AGO, **fields)
    reminders.remind(now)
    return made


def page(browser, name, *args, query=""):
    answer = browser.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return text_of(answer)


# -- what was written ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "Waiting"),
        ("sent", "Sent"),
        ("failed", "Refused"),
        ("bounced", "Came back"),
        ("dropped", "Not needed"),
    ],
)
def test_the_list_says_what_became_of_each(cast, signed_in, status, words):
    reminded(cast.alice_client)
    OutgoingMail.objects.update(status=status)
    shown = page(signed_in(cast.rhea), LIST)
    assert "Alice Adams" in shown and "48 hours before" in shown and words in shown


def test_of_several_mails_the_list_shows_the_one_in_trouble(cast, signed_in):
    reminded(cast.timo)
    reminder = Reminder.objects.get()
    reminder.mails.update(status="sent")
    reminder.mails.add(OutgoingMail.objects.create(name="appointments/reminder", to="x@example.com", status="failed"))
    rows = page(signed_in(cast.rhea), LIST)
    assert "Refused" in rows


def test_where_nobody_wanted_one_it_says_so(cast, signed_in):
    set_reminders(cast.alice_client, False, by=cast.alice)
    reminded(cast.alice_client)
    assert "Nobody to tell" in page(signed_in(cast.rhea), LIST)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("", ["Alice", "Bob", "Timo"]),
        ("trouble", ["Alice"]),
        ("waiting", ["Bob"]),
        ("nobody", ["Timo"]),
        ("sent", []),
        ("dropped", []),
        ("nonsense", ["Alice", "Bob", "Timo"]),
    ],
)
def test_the_list_is_narrowed_by_what_became_of_the_mails(cast, signed_in, state, found):
    set_reminders(cast.timo, False, by=cast.gina)
    for number, person in enumerate((cast.alice_client, cast.bob_client, cast.timo)):
        reminded(person, provider=treats(f"Provider {number}"))
    OutgoingMail.objects.filter(to=cast.alice.email).update(status="failed")
    answer = signed_in(cast.olga).get(reverse(LIST) + f"?state={state}")
    listed = answer.text.partition("<tbody")[2] if answer.status_code == 200 else ""
    if state == "nonsense" and answer.status_code == 302:
        return
    assert [name for name in ("Alice", "Bob", "Timo") if f"{name} " in listed] == found


def test_a_clinician_sees_those_of_whom_they_treat(cast, signed_in):
    reminded(cast.alice_client)
    reminded(cast.bob_client, provider=treats("Elena Engel"))
    shown = page(signed_in(cast.dana), LIST)
    assert "Alice Adams" in shown and "Bob" not in shown
    other = Reminder.objects.get(client=cast.bob_client)
    assert signed_in(cast.dana).get(reverse("admin:appointments_reminder_change", args=[other.pk])).status_code == 404


def test_its_page_says_all_but_what_the_mail_says_and_to_which_address(cast, signed_in):
    reminded(cast.timo)
    made = Reminder.objects.get()
    shown = page(signed_in(cast.rhea), "admin:appointments_reminder_change", made.pk)
    assert "Timo Gray" in shown and "48 hours before" in shown and "Waiting" in shown
    assert "gina@" not in shown and "Your appointment" not in shown and "Hello" not in shown
    assert RecordView.objects.filter(client=cast.timo, user=cast.rhea).exists()


def test_the_list_takes_as_many_queries_for_ten_as_for_one(cast, signed_in):
    browser = signed_in(cast.rhea)
    reminded(cast.alice_client, provider=treats("Provider 0"))
    queries(browser)
    before = queries(browser)
    for number in range(1, 10):
        reminded(cast.bob_client, provider=treats(f"Provider {number}"))
    assert Reminder.objects.count() == 10 and queries(browser) == before


def queries(browser):
    with CaptureQueriesContext(connection) as taken:
        browser.get(reverse(LIST))
    return len(taken)


# -- what is still to come -------------------------------------------------------------------------


def test_what_is_still_to_come_of_an_appointment_stands_beside_what_was_written(cast, signed_in):
    made = reminded(cast.alice_client)
    shown = page(signed_in(cast.rhea), "admin:appointments_reminder_planned", made.pk)
    to_come, written = shown.split("Still to come")[1].split("Written", 1)
    assert "2 hours before" in to_come and "48 hours before" not in to_come
    assert "48 hours before" in written and "Waiting" in written
    assert RecordView.objects.filter(client=cast.alice_client, user=cast.rhea).exists()


def test_its_way_leads_from_each_reminder(cast, signed_in):
    made = reminded(cast.alice_client)
    press = reverse("admin:appointments_reminder_do", args=[Reminder.objects.get().pk, "planned"])
    answer = signed_in(cast.rhea).post(press)
    assert answer.headers["Location"] == reverse("admin:appointments_reminder_planned", args=[made.pk])


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_of_what_will_not_be_nothing_is_to_come(cast, signed_in, status):
    made = reminded(cast.alice_client)
    fields = {"status": status, "cancelled_by": "practice" if status == "cancelled" else ""}
    type(made).objects.filter(pk=made.pk).update(**fields)
    assert "None." in page(signed_in(cast.rhea), "admin:appointments_reminder_planned", made.pk)


def test_whoever_wants_none_is_not_promised_any(cast, signed_in):
    made = reminded(cast.alice_client)
    set_reminders(cast.alice_client, False, by=cast.alice)
    shown = page(signed_in(cast.rhea), "admin:appointments_reminder_planned", made.pk)
    assert "This client wants no reminders." in shown


def test_another_clinicians_appointment_has_no_such_page(cast, signed_in):
    made = reminded(cast.bob_client, provider=treats("Elena Engel"))
    url = reverse("admin:appointments_reminder_planned", args=[made.pk])
    assert signed_in(cast.dana).get(url).status_code == 404
    assert signed_in(cast.bill).get(url).status_code == 403
    assert signed_in(cast.rhea).get(url.replace(str(made.pk), str(cast.timo.pk))).status_code == 404


# -- off and on ------------------------------------------------------------------------------------

ADD, WISHES = "admin:appointments_preferences_add", "admin:appointments_preferences_changelist"


def test_staff_choose_whose_and_switch_them_off(cast, signed_in):
    browser = signed_in(cast.rhea)
    assert "For whom?" in page(browser, ADD)
    whose = reverse(ADD) + f"?client={cast.alice_client.pk}"
    assert "Alice Adams" in page(browser, ADD, query=f"?client={cast.alice_client.pk}")
    assert browser.post(whose, {}).status_code == 302
    assert Preferences.objects.get().reminders is False and Preferences.objects.get().client == cast.alice_client
    assert "Alice Adams" in page(browser, WISHES)


def test_who_has_said_something_before_has_a_page_and_is_switched_on_again_there(cast, signed_in):
    wishes, browser = set_reminders(cast.alice_client, False, by=cast.alice), signed_in(cast.dana)
    url = reverse("admin:appointments_preferences_change", args=[wishes.pk])
    assert browser.get(reverse(ADD) + f"?client={cast.alice_client.pk}").headers["Location"] == url
    assert browser.post(url, {"reminders": "on"}).status_code == 302
    assert Preferences.objects.get().reminders is True
    assert "Alice Adams" not in page(browser, WISHES).split("Everybody is reminded.")[-1]
    assert "Alice Adams" in page(browser, WISHES, query="?state=on")


def test_a_client_who_chose_meanwhile_keeps_one_row(cast, signed_in):
    browser = signed_in(cast.rhea)
    set_reminders(cast.alice_client, False, by=cast.alice)
    browser.post(reverse(ADD) + f"?client={cast.alice_client.pk}", {"reminders": "on"})
    assert Preferences.objects.get().reminders is True


@pytest.mark.parametrize("who", ["dana", "bill"])
def test_nobody_switches_those_of_a_client_whom_they_do_not_see(cast, signed_in, who):
    url = reverse(ADD) + f"?client={cast.bob_client.pk}"
    browser = signed_in(getattr(cast, who))
    for answer in (browser.get(url), browser.post(url, {})):
        assert answer.status_code == 403 or "For whom?" in answer.text
    assert not Preferences.objects.exists()
