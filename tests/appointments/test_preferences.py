"""Reminders on or off, client by client; by those who may say so."""

import pytest

from accounts.models import Access
from accounts.ownership import Area
from accounts.permissions import Refused
from appointments.actions.preferences import set_reminders
from appointments.models import Preferences
from tests import factories
from tests.together import at_once


def wishes():
    return dict(Preferences.objects.values_list("client__name", "reminders"))


@pytest.mark.django_db
def test_without_a_wish_everybody_is_reminded(cast):
    assert wishes() == {} and Preferences().reminders is True


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["alice", "rhea", "dana", "olga"])
def test_a_client_and_whoever_keeps_their_appointments_switch_them_off_and_on(cast, who):
    by = getattr(cast, who)
    set_reminders(cast.alice_client, False, by=by)
    assert wishes() == {"Alice Adams": False}
    set_reminders(cast.alice_client, True, by=by)
    assert wishes() == {"Alice Adams": True}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["bob", "gina", "bill"])
def test_nobody_else_does(cast, who):
    with pytest.raises(Refused):
        set_reminders(cast.alice_client, False, by=getattr(cast, who))
    assert wishes() == {}


@pytest.mark.django_db
def test_a_clinician_does_it_for_whom_they_treat(cast):
    with pytest.raises(Refused):
        set_reminders(cast.bob_client, False, by=cast.dana)


@pytest.mark.django_db
def test_a_supervisor_only_looks(cast):
    sven = factories.staff("Sven Stark", "Supervisor")
    with pytest.raises(Refused):
        set_reminders(cast.alice_client, False, by=sven)


@pytest.mark.django_db
def test_a_login_without_the_right_to_appointments_does_not(cast):
    Access.objects.filter(user=cast.alice).update(areas=[Area.FORMS, Area.FILES])
    with pytest.raises(Refused):
        set_reminders(cast.alice_client, False, by=cast.alice)


@pytest.mark.django_db
def test_one_childs_reminders_are_not_the_others(cast):
    set_reminders(cast.timo, False, by=cast.gina)
    set_reminders(cast.lena, True, by=cast.gina)
    assert wishes() == {"Timo Gray": False, "Lena Gray": True}


@pytest.mark.django_db
def test_every_change_stays_readable_and_what_changes_nothing_leaves_no_trace(cast):
    for is_on in (False, False, True, True, False):
        wish = set_reminders(cast.alice_client, is_on, by=cast.alice)
    told = wish.events.order_by("pk")
    assert [event.reminders for event in told] == [False, True, False]


@pytest.mark.django_db(transaction=True)
def test_two_first_presses_at_the_same_moment_are_one_row(cast):
    outcomes = at_once(*[lambda: set_reminders(cast.alice_client, False, by=cast.alice)] * 4)
    assert all(isinstance(outcome, Preferences) for outcome in outcomes)
    assert wishes() == {"Alice Adams": False}
