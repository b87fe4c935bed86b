"""When providers work, and when they do not, as staff keep it: hours, open times, own video links, time off."""

from datetime import date, time

import pytest
from django.urls import reverse

from accounts.permissions import Refused
from appointments.actions import schedules as verbs
from appointments.actions.policy import save_policy
from appointments.models import Policy, Schedule, TimeOff, WorkingHours
from tests import factories
from tests.appointments import house

pytestmark = pytest.mark.django_db
LIST, ADD = (reverse(f"admin:appointments_schedule_{word}") for word in ("changelist", "add"))


def change(row):
    return reverse(f"admin:appointments_{row._meta.model_name}_change", args=[row.pk])


def typed(*hours, schedule=None, **fields):
    """Each of `hours` is (weekday, from, to) and perhaps more fields; rows of a schedule come first, as they are."""
    stored = list(schedule.hours.all()) if schedule else []
    rows = [(row.weekday, f"{row.starts:%H:%M}", f"{row.ends:%H:%M}", {"id": row.pk}) for row in stored]
    rows += [(*row, {}) if len(row) == 3 else row for row in hours]
    form = {"hours-TOTAL_FORMS": len(rows), "hours-INITIAL_FORMS": len(stored)}
    for n, (weekday, starts, ends, more) in enumerate(rows):
        row = {"weekday": weekday, "starts": starts, "ends": ends, **more}
        form |= {f"hours-{n}-{name}": value for name, value in row.items()}
    known = {"time_zone": "America/New_York", "step_minutes": "30", "notice_hours": "24", "video_url": ""}
    return {**known, **form, **fields}


def hours_of(schedule):
    return [str(row) for row in schedule.hours.all()]


def errors_of(answer):
    form = answer.context["adminform"].form
    return dict(form.errors) | {
        f"{n}-{name}": [str(one) for one in words]
        for n, row in enumerate(form.hours.forms)
        for name, words in row.errors.items()
    }


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


# A schedule --------------------------------------------------------------------------------------


def test_a_providers_schedule_is_made_at_its_first_use(cast, rhea):
    assert "Set up Dana Diaz" in rhea.get(LIST).content.decode()
    asked = rhea.get(f"{ADD}?provider={cast.dana_provider.pk}").context["adminform"].form
    assert asked["provider"].value() == cast.dana_provider.pk
    assert asked["time_zone"].value() == cast.practice.time_zone
    rhea.post(
        ADD,
        typed(
            (0, "09:00", "12:00"), (0, "13:00", "17:00"), provider=cast.dana_provider.pk, is_published="on",
            video_url="https://us02web.zoom.us/j/1",
        ),
    )  # fmt: skip
    made = Schedule.objects.get()
    assert (made.provider, made.time_zone, made.is_published) == (cast.dana_provider, "America/New_York", True)
    assert (made.step_minutes, made.notice_hours, made.video_url) == (30, 24, "https://us02web.zoom.us/j/1")
    assert hours_of(made) == ["Monday 09:00–12:00", "Monday 13:00–17:00"]
    assert "Set up Dana Diaz" not in rhea.get(LIST).content.decode()


def test_there_is_one_schedule_a_provider(cast, rhea):
    house.schedule(cast.dana_provider)
    answer = rhea.post(ADD, typed((0, "09:00", "12:00"), provider=cast.dana_provider.pk))
    assert answer.status_code in {200, 403} and Schedule.objects.count() == 1
    with pytest.raises(Exception, match="already exists"):
        verbs.save_schedule(Schedule(provider=cast.dana_provider), by=None)


def test_rows_without_times_count_for_nothing(cast, rhea):
    rhea.post(ADD, typed((0, "", ""), (3, "10:00", "11:00"), (4, "", ""), provider=cast.dana_provider.pk))
    assert hours_of(Schedule.objects.get()) == ["Thursday 10:00–11:00"]


def test_rows_are_added_changed_and_removed(cast, rhea):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"), (1, "09:00", "12:00"))
    form = typed((2, "09:00", "12:00"), schedule=schedule)
    rhea.post(change(schedule), {**form, "hours-0-ends": "11:00", "hours-1-DELETE": "on"})
    assert hours_of(schedule) == ["Monday 09:00–11:00", "Wednesday 09:00–12:00"]


def test_what_was_removed_stands_in_the_databases_history(cast, rhea):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"))
    rhea.post(change(schedule), {**typed(schedule=schedule), "hours-0-DELETE": "on"})
    kinds = WorkingHours.pgh_event_model.objects.filter(pgh_label="delete")
    assert [(row.weekday, row.starts) for row in kinds] == [(0, time(9))]


def test_hours_past_midnight_become_two_rows(cast, rhea):
    rhea.post(ADD, typed((6, "22:00", "02:00"), provider=cast.dana_provider.pk))
    assert hours_of(Schedule.objects.get()) == ["Monday 00:00–02:00", "Sunday 22:00–00:00"]


def test_hours_may_end_at_midnight(cast, rhea):
    rhea.post(ADD, typed((0, "18:00", "00:00"), provider=cast.dana_provider.pk))
    assert hours_of(Schedule.objects.get()) == ["Monday 18:00–00:00"]


def test_hours_may_hold_for_a_while_at_a_place(cast, rhea):
    place = house.location()
    more = {"valid_from": "2027-01-01", "valid_until": "2027-06-30", "location": place.pk}
    rhea.post(ADD, typed((0, "09:00", "12:00", more), provider=cast.dana_provider.pk))
    row = WorkingHours.objects.get()
    assert (row.valid_from, row.valid_until, row.location) == (date(2027, 1, 1), date(2027, 6, 30), place)


@pytest.mark.parametrize(
    ("rows", "field", "words"),
    [
        ([(0, "09:00", "12:00"), (0, "11:00", "13:00")], "1-starts", "overlap with Monday 09:00–12:00"),
        ([(0, "22:00", "02:00"), (1, "01:00", "03:00")], "1-starts", "overlap with Monday 22:00–02:00"),
        ([(0, "09:00", "09:00")], "0-ends", "end when they begin"),
        ([(0, "09:00", "")], "0-ends", "Please give the time at which these hours end"),
        ([(0, "", "12:00")], "0-starts", "Please give the time at which these hours begin"),
        ([(0, "25:00", "12:00")], "0-starts", "valid time"),
        ([(7, "09:00", "12:00")], "0-weekday", "valid choice"),
        ([(0, "09:00", "12:00", {"valid_from": "2027-02-01", "valid_until": "2027-01-01"})], "0-valid_until", "before"),
        ([(0, "09:00", "12:00", {"valid_from": "0001-01-01"})], "0-valid_from", "check the year"),
        ([(0, "09:00", "12:00", {"location": "99999"})], "0-location", "valid choice"),
    ],
)
def test_wrong_hours_are_said_on_their_row_and_nothing_is_lost(cast, rhea, rows, field, words):
    answer = rhea.post(ADD, typed(*rows, provider=cast.dana_provider.pk, notice_hours="13"))
    assert answer.status_code == 200 and not Schedule.objects.exists()
    assert list(errors_of(answer)) == [field] and words in str(errors_of(answer)[field])
    page = answer.content.decode()
    assert "There is a problem" in page and f'#id_hours-{field}"' in page and 'value="13"' in page


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"step_minutes": "4"}, "step_minutes"),
        ({"notice_hours": "721"}, "notice_hours"),
        ({"video_url": "http://zoom.us/j/1"}, "video_url"),
        ({"video_url": "https://evil.example/"}, "video_url"),
        ({"video_url": "https://zoom.us@evil.example/"}, "video_url"),
        ({"video_url": "javascript:alert(1)"}, "video_url"),
    ],
)
def test_wrong_values_are_said_on_their_field_and_the_hours_are_kept(cast, rhea, fields, field):
    answer = rhea.post(ADD, typed((0, "09:07", "12:00"), provider=cast.dana_provider.pk, **fields))
    assert list(errors_of(answer)) == [field] and not Schedule.objects.exists()
    assert "09:07" in answer.content.decode()


def test_a_refused_link_names_the_sites_that_are_allowed(cast, rhea):
    save_policy(Policy(video_hosts=["doxy.me"]), by=None)
    answer = rhea.post(ADD, typed(provider=cast.dana_provider.pk, video_url="https://zoom.us/j/1"))
    assert "Allowed are: doxy.me" in str(errors_of(answer)["video_url"])
    with pytest.raises(verbs.CannotKeep):
        verbs.save_schedule(Schedule(provider=cast.dana_provider, video_url="https://zoom.us/j/1"), by=None)


def test_what_overlaps_is_refused_by_the_verb_too(cast):
    schedule = house.schedule(cast.dana_provider)
    rows = [
        WorkingHours(weekday=0, starts=time(9), ends=time(12)),
        WorkingHours(weekday=0, starts=time(11), ends=time(13)),
    ]
    with pytest.raises(verbs.CannotKeep):
        verbs.save_schedule(schedule, by=None, hours=rows)
    assert not schedule.hours.exists()


def test_a_row_of_another_schedule_is_not_taken_from_it(cast):
    theirs = house.schedule(factories.provider(name="Elena Engel"), (0, "09:00", "12:00"))
    mine = house.schedule(cast.dana_provider)
    verbs.save_schedule(mine, by=None, hours=list(theirs.hours.all()))
    assert hours_of(theirs) == hours_of(mine) == ["Monday 09:00–12:00"]


def test_a_changed_working_hour_never_moves_what_is_booked(cast, rhea):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "17:00"))
    booked = house.appointment(cast.alice_client, cast.dana_provider, at=house.utc("2031-03-03 15:00"))
    form = {**typed(schedule=schedule, time_zone="Europe/Madrid"), "hours-0-DELETE": "on"}
    rhea.post(change(schedule), form)
    schedule.refresh_from_db()
    before = booked.starts_at, booked.status
    booked.refresh_from_db()
    assert (booked.starts_at, booked.status) == before
    assert schedule.time_zone == "Europe/Madrid" and not hours_of(schedule)


def test_of_two_who_have_the_hours_open_the_second_hears_of_the_first(cast, rhea):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"))
    opened = rhea.get(change(schedule)).context["hours_seen"]
    form = {**typed(schedule=schedule), "_opened_hours": opened}
    rhea.post(change(schedule), {**form, "hours-0-ends": "11:00"})
    answer = rhea.post(change(schedule), {**form, "hours-0-ends": "10:00"})
    assert "Somebody else saved these working hours meanwhile" in answer.content.decode()
    assert hours_of(schedule) == ["Monday 09:00–11:00"]
    again = {**form, "hours-0-ends": "10:00", "_opened_hours": answer.context["hours_seen"]}
    rhea.post(change(schedule), again)
    assert hours_of(schedule) == ["Monday 09:00–10:00"]


def test_a_row_that_somebody_removed_meanwhile_fails_nothing(cast, rhea):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"))
    form = typed(schedule=schedule)
    schedule.hours.all().delete()
    assert rhea.post(change(schedule), form).status_code == 200


def test_more_rows_than_anybody_needs_are_refused(cast, rhea):
    form = typed((0, "09:00", "10:00"), provider=cast.dana_provider.pk)
    answer = rhea.post(ADD, {**form, "hours-TOTAL_FORMS": "100000"})
    assert answer.status_code == 200 and len(answer.context["hours"].forms) <= 60


def test_a_form_without_its_rows_is_refused_and_not_broken(cast, rhea):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"))
    form = {name: value for name, value in typed(schedule=schedule).items() if not name.startswith("hours")}
    assert rhea.post(change(schedule), form).status_code == 200
    assert hours_of(schedule) == ["Monday 09:00–12:00"]


# Whose --------------------------------------------------------------------------------------------


@pytest.fixture
def elena(cast):
    return house.schedule(factories.provider(name="Elena Engel"), (1, "08:00", "09:00"))


def test_a_clinician_keeps_the_own_schedule(cast, signed_in):
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"))
    signed_in(cast.dana).post(change(schedule), {**typed(schedule=schedule), "hours-0-ends": "11:00"})
    assert hours_of(schedule) == ["Monday 09:00–11:00"]


def test_a_clinician_makes_the_own_schedule_and_no_other(cast, signed_in):
    other = factories.provider(name="Elena Engel")
    dana = signed_in(cast.dana)
    assert "Elena Engel" not in dana.get(ADD).content.decode()
    answer = dana.post(ADD, typed((0, "09:00", "12:00"), provider=other.pk))
    assert list(errors_of(answer)) == ["provider"] and not Schedule.objects.exists()
    dana.post(ADD, typed((0, "09:00", "12:00"), provider=cast.dana_provider.pk))
    assert Schedule.objects.get().provider == cast.dana_provider


def test_a_clinician_reads_a_colleagues_hours_and_changes_nothing(cast, signed_in, elena):
    dana = signed_in(cast.dana)
    page = dana.get(change(elena)).content.decode()
    assert "Tuesday 08:00–09:00" in page and 'name="_save"' not in page
    assert dana.post(change(elena), typed(schedule=elena, notice_hours="1")).status_code == 403
    with pytest.raises(Refused):
        verbs.save_schedule(elena, by=cast.dana, hours=[])
    assert hours_of(elena) == ["Tuesday 08:00–09:00"]


@pytest.mark.parametrize("who", ["rhea", "olga"])
def test_who_keeps_the_calendar_keeps_everybodys(cast, signed_in, elena, who):
    signed_in(getattr(cast, who)).post(change(elena), typed(schedule=elena, notice_hours="1"))
    elena.refresh_from_db()
    assert elena.notice_hours == 1


def test_a_biller_keeps_none(cast, elena):
    with pytest.raises(Refused):
        verbs.save_schedule(elena, by=cast.bill)
    with pytest.raises(Refused):
        verbs.save_time_off(TimeOff(starts_at=house.ahead(), ends_at=house.ahead(days=1)), by=cast.bill)


def test_a_clinician_without_a_face_of_their_own_keeps_none(cast, signed_in):
    nina = factories.staff("Nina New", "Clinician")
    assert signed_in(nina).get(ADD).status_code == 403
    assert signed_in(nina).get(LIST).status_code == 200


# The portal's own questions -------------------------------------------------------------------------


def test_an_unpublished_schedule_and_one_without_hours_say_so(cast, rhea):
    house.schedule(cast.dana_provider, is_published=False)
    page = rhea.get(LIST).content.decode()
    assert "None yet" in page and ">No<" in page


def test_the_hours_in_use_still_show_a_place_that_is_not(cast, rhea):
    schedule, place = house.schedule(cast.dana_provider, (0, "09:00", "12:00")), house.location(is_active=False)
    assert place.name not in rhea.get(change(schedule)).content.decode()
    schedule.hours.update(location=place)
    assert place.name in rhea.get(change(schedule)).content.decode()


def test_a_long_list_of_hours_asks_no_more_questions(cast, rhea, django_assert_max_num_queries):
    schedule = house.schedule(
        cast.dana_provider, *[(day, f"{h:02}:00", f"{h:02}:30") for day in range(5) for h in range(8)]
    )
    with django_assert_max_num_queries(25):
        rhea.get(change(schedule))
