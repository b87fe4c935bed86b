"""The practice's rules for appointments on one page: changing, fees, video visits, reminders."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.permissions import Refused
from appointments.actions.policy import save_policy
from appointments.models import Policy
from tests import factories
from tests.appointments import house
from tests.together import at_once

pytestmark = pytest.mark.django_db
LIST, PAGE = reverse("admin:appointments_policy_changelist"), reverse("admin:appointments_policy_change", args=[1])


def typed(**fields):
    return {
        "text": "Please call early.",
        "closes_hours": "48",
        "horizon_days": "60",
        "requires_reason": "on",
        "fee_hours": "24",
        "fee": "40.00",
        "join_minutes_before": "10",
        "join_minutes_after": "20",
        "reminder_hours": "2, 72,24",
        "video_hosts": "Zoom.us , doxy.me",
        **fields,
    }


@pytest.fixture
def olga(cast, signed_in):
    return signed_in(cast.olga)


def test_before_anybody_changed_them_the_usual_ones_stand_there(olga):
    assert olga.get(LIST).headers["Location"] == PAGE
    form = olga.get(PAGE).context["adminform"].form
    assert (form["closes_hours"].value(), form["join_minutes_before"].value(), form["join_minutes_after"].value()) == (
        24, 15, 30,
    )  # fmt: skip
    assert form["reminder_hours"].value() == "48, 2" and "zoom.us" in form["video_hosts"].value()
    assert not Policy.objects.exists()


def test_all_rules_are_saved_from_the_one_page(olga):
    assert olga.post(PAGE, typed()).status_code == 302
    made = Policy.objects.get()
    assert (made.text, made.closes_hours, made.horizon_days, made.requires_reason) == (
        "Please call early.",
        48,
        60,
        True,
    )
    assert (made.fee_hours, made.fee, made.join_minutes_before, made.join_minutes_after) == (24, Decimal(40), 10, 20)
    assert (made.reminder_hours, made.video_hosts) == ([72, 24, 2], ["zoom.us", "doxy.me"])
    assert olga.get(PAGE).context["adminform"].form["video_hosts"].value() == "zoom.us, doxy.me"


def test_saved_again_there_is_one_row(olga):
    for hours in ("48", "12"):
        olga.post(PAGE, typed(closes_hours=hours))
    assert Policy.objects.get().closes_hours == 12


def test_no_reminders_and_no_sites_may_be(olga):
    olga.post(PAGE, typed(reminder_hours="", video_hosts=" , "))
    assert (Policy.current().reminder_hours, Policy.current().video_hosts) == ([], [])


def test_without_a_fee_none_is_asked_for(olga):
    olga.post(PAGE, typed(fee_hours="0", fee=""))
    assert (Policy.current().fee_hours, Policy.current().fee) == (0, None)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"closes_hours": "721"}, "closes_hours", "720"),
        ({"closes_hours": ""}, "closes_hours", "required"),
        ({"horizon_days": "0"}, "horizon_days", "1"),
        ({"horizon_days": "731"}, "horizon_days", "730"),
        ({"fee": "-1"}, "fee", "0"),
        ({"fee": ""}, "fee", "how much cancelling costs"),
        ({"fee_hours": "0"}, "fee_hours", "from how many hours before"),
        ({"join_minutes_before": "121"}, "join_minutes_before", "120"),
        ({"join_minutes_after": "241"}, "join_minutes_after", "240"),
        ({"reminder_hours": "48; 2"}, "reminder_hours", "“48; 2” is no number of hours"),
        ({"reminder_hours": "0"}, "reminder_hours", "“0” is no number of hours"),
        ({"reminder_hours": "337"}, "reminder_hours", "1 to 336"),
        ({"reminder_hours": "-2"}, "reminder_hours", "no number"),
        ({"reminder_hours": "1.5"}, "reminder_hours", "no number"),
        ({"reminder_hours": "٤"}, "reminder_hours", "no number"),
        ({"reminder_hours": "9" * 5000}, "reminder_hours", "no number"),
        ({"reminder_hours": "1,2,3,4,5"}, "reminder_hours", "At most 4 reminders"),
        ({"video_hosts": "https://zoom.us"}, "video_hosts", "without https://"),
        ({"video_hosts": "zoom.us/j"}, "video_hosts", "no name of a site"),
        ({"video_hosts": "*"}, "video_hosts", "no name of a site"),
        ({"video_hosts": "localhost"}, "video_hosts", "no name of a site"),
        ({"text": "x" * 2001}, "text", "2000"),
        ({"text": "a\x07b"}, "text", "cannot be shown"),
    ],
)
def test_what_cannot_be_is_said_on_its_field_and_nothing_is_lost(olga, fields, field, words):
    answer = olga.post(PAGE, typed(**fields))
    assert answer.status_code == 200 and not Policy.objects.exists()
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field] and words in str(errors.as_data()[field][0].messages[0])
    assert 'value="60"' in answer.content.decode() or "horizon_days" in fields


def test_the_same_reminder_twice_is_one(olga):
    olga.post(PAGE, typed(reminder_hours="2, 2, 48, 48"))
    assert Policy.current().reminder_hours == [48, 2]


def test_the_fee_is_in_the_practices_currency(cast, olga):
    factories.practice(currency="EUR")
    assert "In EUR." in olga.get(PAGE).content.decode()


def test_saving_names_the_providers_whose_links_are_closed_by_it(cast, olga):
    house.schedule(cast.dana_provider, video_url="https://whereby.com/dana")
    house.schedule(factories.provider(name="Elena Engel"), video_url="https://zoom.us/j/1")
    page = olga.post(PAGE, typed(video_hosts="zoom.us"), follow=True).content.decode()
    assert "cannot be joined any more: Dana Diaz, RD." in page and "Elena Engel" not in page


def test_of_two_who_have_the_page_open_the_second_hears_of_the_first(olga):
    olga.post(PAGE, typed())
    opened = olga.get(PAGE).context["version"]
    olga.post(PAGE, typed(closes_hours="1", _opened_version=opened))
    answer = olga.post(PAGE, typed(closes_hours="2", _opened_version=opened))
    assert "Somebody else saved this page meanwhile" in answer.content.decode()
    assert Policy.current().closes_hours == 1


@pytest.mark.parametrize("who", ["rhea", "dana"])
def test_who_does_not_run_the_practice_reads_them(cast, signed_in, who):
    browser = signed_in(getattr(cast, who))
    page = browser.get(PAGE).content.decode()
    assert "24" in page and 'name="_save"' not in page
    assert browser.post(PAGE, typed()).status_code == 403
    with pytest.raises(Refused):
        save_policy(Policy(), by=getattr(cast, who))
    assert not Policy.objects.exists()


def test_a_biller_does_not_open_them(cast, signed_in):
    assert signed_in(cast.bill).get(LIST).status_code == 403
    assert signed_in(cast.bill).get(PAGE).status_code in {403, 404}


def test_there_is_no_other_row(olga):
    assert olga.get(reverse("admin:appointments_policy_change", args=[2])).status_code == 404
    assert olga.get(reverse("admin:appointments_policy_add")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_who_write_them_for_the_first_time_at_once_fail_nothing(practice):
    at_once(lambda: save_policy(Policy(closes_hours=1), by=None), lambda: save_policy(Policy(closes_hours=2), by=None))
    assert Policy.objects.get().closes_hours in {1, 2}
