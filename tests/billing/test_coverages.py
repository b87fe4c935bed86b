"""Insurances from a proposal to an earlier one: what clients say, what staff decide, what follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.actions.changes import CannotDecide, decide
from accounts.models import Client, ProfileChange
from accounts.permissions import Refused
from accounts.proposals import ChangedMeanwhile
from accounts.states import ForbiddenMove
from billing.actions import coverages, proposals
from billing.actions.proposals import AlreadyThere, CannotPropose
from billing.models import Coverage, CoverageChange
from billing.policies import today_here
from billing.tasks import end_expired_coverages
from tests import factories
from tests.billing.insurances import SAID, active, add, decide_all, fresh, waiting


def uninsured(cast, is_so=True):
    proposals.say_uninsured(cast.alice_client, is_so, by=cast.alice)


def about_uninsured():
    return list(ProfileChange.objects.filter(field="uninsured").values_list("status", flat=True))


# A new policy ---------------------------------------------------------------------------------


def test_a_new_policy_is_an_empty_row_and_one_proposal_for_each_value(cast):
    coverage = add(cast)
    assert (coverage.status, coverage.payor, coverage.subscriber_id) == ("draft", "", "")
    said = {name: change.new for name, change in waiting(coverage).items()}
    assert said == {
        "payor": "Aetna",
        "plan": "Open Choice PPO",
        "subscriber_id": "W123 456789",
        "group": "0815",
        "order": 1,
        "valid_from": "2026-01-01",
    }


def test_it_is_valid_once_everything_is_decided_and_not_before(cast):
    coverage = add(cast)
    changes_of = waiting(coverage)
    last = changes_of.pop("valid_from")
    for change in changes_of.values():
        decide(change, by=cast.bill, apply=True)
    assert fresh(coverage).status == "draft"
    decide(last, by=cast.bill, apply=False, reason="The card says another day.")
    coverage = fresh(coverage)
    assert (coverage.status, coverage.order, coverage.valid_from) == ("active", 1, None)


def test_rejected_in_every_value_it_is_not_taken_over(cast):
    coverage = add(cast)
    for change in waiting(coverage).values():
        decide(change, by=cast.bill, apply=False, reason="This is not an insurance.")
    assert fresh(coverage).status == "entered-in-error"


@pytest.mark.parametrize("missing", ["payor", "subscriber_id"])
def test_without_company_or_number_it_goes_on_waiting_for_the_client(cast, missing):
    coverage = decide_all(add(cast), cast.bill, **{missing: False})
    assert coverage.status == "draft"
    proposals.change_coverage(coverage, {missing: "Once more"}, by=cast.alice)
    assert decide_all(coverage, cast.bill).status == "active"


def test_staff_can_fill_in_what_is_missing(cast):
    coverage = decide_all(add(cast), cast.bill, subscriber_id=False)
    coverage.subscriber_id = "Read from the card"
    coverages.save_coverage(coverage, by=cast.bill)
    assert fresh(coverage).status == "active"


def test_a_double_click_or_a_second_tab_makes_one_policy(cast):
    first = add(cast)
    assert add(cast, payor="AETNA ", subscriber_id="w123456789") == first
    assert Coverage.objects.count() == 1
    assert waiting(first)["plan"].new == "Open Choice PPO"


def test_another_number_is_another_policy(cast):
    assert add(cast) != add(cast, subscriber_id="W999")


def test_what_is_valid_already_is_not_added_again(cast):
    active(cast.alice_client, payor="Aetna", subscriber_id="W123456789")
    with pytest.raises(AlreadyThere, match="on your list already"):
        add(cast)
    assert Coverage.objects.count() == 1


def test_a_new_policy_can_be_withdrawn_whole(cast):
    coverage = add(cast)
    proposals.withdraw_coverage(coverage, by=cast.alice)
    proposals.withdraw_coverage(coverage, by=cast.alice)
    assert fresh(coverage).status == "entered-in-error"
    assert not waiting(coverage)


def test_once_valid_it_cannot_be_withdrawn(cast):
    coverage = decide_all(add(cast), cast.bill)
    with pytest.raises(ForbiddenMove):
        proposals.withdraw_coverage(coverage, by=cast.alice)


def test_taking_back_the_last_value_takes_back_the_policy(cast):
    coverage = add(cast)
    for change in waiting(coverage).values():
        proposals.withdraw_change(change, by=cast.alice)
    assert fresh(coverage).status == "entered-in-error"


# One that is there ----------------------------------------------------------------------------


def test_an_edit_waits_and_the_old_value_stays(cast):
    coverage = active(cast.alice_client)
    proposals.change_coverage(coverage, {"plan": "Gold", "subscriber_id": "U77"}, by=cast.alice)
    assert list(waiting(coverage)) == ["plan"]
    assert fresh(coverage).plan == ""
    assert decide_all(coverage, cast.bill).plan == "Gold"


def test_a_field_that_staff_changed_meanwhile_is_told(cast):
    coverage = active(cast.alice_client, plan="Bronze")
    with pytest.raises(ChangedMeanwhile, match="Bronze"):
        proposals.change_coverage(coverage, {"plan": "Gold"}, by=cast.alice, shown={"plan": "Silver"})


def test_an_ended_policy_is_not_edited(cast):
    coverage = active(cast.alice_client, status="cancelled")
    with pytest.raises(CannotPropose, match="has ended"):
        proposals.change_coverage(coverage, {"plan": "Gold"}, by=cast.alice)


def test_a_policy_that_would_end_before_it_begins_is_not_taken_over(cast):
    coverage = active(cast.alice_client, valid_from=date(2026, 5, 1))
    proposals.change_coverage(coverage, {"valid_to": date(2026, 4, 1)}, by=cast.alice)
    with pytest.raises(CannotDecide, match="end before it begins"):
        decide(waiting(coverage)["valid_to"], by=cast.bill, apply=True)
    assert fresh(coverage).valid_to is None


# The end --------------------------------------------------------------------------------------


def test_a_policy_whose_last_day_is_over_has_ended_once_staff_take_that_over(cast):
    coverage = active(cast.alice_client)
    proposals.ask_to_end(coverage, today_here() - timedelta(days=1), by=cast.alice)
    assert fresh(coverage).status == "active"
    coverage = decide_all(coverage, cast.bill)
    assert coverage.status == "cancelled"
    assert coverage.ended_at is not None


def test_a_policy_is_valid_on_its_last_day_and_ends_by_itself_after_it(cast):
    today = today_here()
    coverage = active(cast.alice_client)
    proposals.ask_to_end(coverage, today, by=cast.alice)
    assert decide_all(coverage, cast.bill).status == "active"
    end_expired_coverages(0)
    assert fresh(coverage).status == "active"
    Coverage.objects.update(valid_to=today - timedelta(days=1))
    end_expired_coverages(0)
    assert fresh(coverage).status == "cancelled"


def test_the_day_is_the_practices(cast, monkeypatch):
    """At 03:00 UTC on the second it is still the first in New York."""
    monkeypatch.setattr("billing.policies.timezone.now", lambda: datetime(2026, 3, 2, 3, tzinfo=UTC))
    assert today_here() == date(2026, 3, 1)


def test_staff_end_a_policy_and_open_it_again(cast):
    coverage = active(cast.alice_client)
    coverages.end_coverage(coverage, by=cast.bill)
    coverage = fresh(coverage)
    assert (coverage.status, coverage.valid_to) == ("cancelled", today_here())
    with pytest.raises(ForbiddenMove):
        coverages.end_coverage(coverage, by=cast.bill)
    coverages.reopen_coverage(coverage, by=cast.bill)
    coverage = fresh(coverage)
    assert (coverage.status, coverage.valid_to, coverage.ended_at) == ("active", None, None)


def test_only_what_is_valid_can_end(cast):
    with pytest.raises(CannotPropose):
        proposals.ask_to_end(add(cast), date(2026, 1, 1), by=cast.alice)


# One primary ----------------------------------------------------------------------------------


def test_the_database_holds_one_primary(cast):
    active(cast.alice_client)
    with pytest.raises(IntegrityError), transaction.atomic():
        active(cast.alice_client)
    active(cast.bob_client)


def test_a_new_primary_makes_the_other_one_secondary(cast):
    old = active(cast.alice_client)
    bobs = active(cast.bob_client)
    new = decide_all(add(cast), cast.bill)
    assert (new.order, fresh(old).order, fresh(bobs).order) == (1, 2, 1)


def test_an_edit_to_primary_makes_the_other_one_secondary(cast):
    old, other = active(cast.alice_client), active(cast.alice_client, order=2, subscriber_id="X1")
    proposals.change_coverage(other, {"order": 1}, by=cast.alice)
    assert decide_all(other, cast.bill).order == 1
    assert fresh(old).order == 2


def test_a_new_one_that_waits_takes_no_place(cast):
    old = active(cast.alice_client)
    coverage = add(cast)
    decide(waiting(coverage)["order"], by=cast.bill, apply=True)
    assert (fresh(old).order, fresh(coverage).order) == (1, 1)


def test_staff_who_save_a_primary_make_the_other_one_secondary(cast):
    old = active(cast.alice_client)
    new = Coverage(client=cast.alice_client, payor="Humana", subscriber_id="H1", order=1)
    coverages.save_coverage(new, by=cast.bill)
    assert (fresh(new).status, fresh(new).order, fresh(old).order) == ("active", 1, 2)


def test_opened_again_it_does_not_push_the_primary_away(cast):
    old = active(cast.alice_client, status="cancelled", subscriber_id="X1")
    active(cast.alice_client)
    coverages.reopen_coverage(old, by=cast.bill)
    assert (fresh(old).status, fresh(old).order) == ("active", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("there", [True, False], ids=["one is primary", "none is primary"])
def test_two_that_become_primary_at_the_same_moment_leave_one(cast, there):
    if there:
        active(cast.alice_client)
    rivals = [active(cast.alice_client, order=2, subscriber_id=f"X{n}") for n in range(2)]
    for rival in rivals:
        proposals.change_coverage(rival, {"order": 1}, by=cast.alice)
    asked = [waiting(rival)["order"] for rival in rivals]
    at_once([lambda change=change: decide(change, by=cast.bill, apply=True) for change in asked])
    assert Coverage.objects.filter(order=1, status="active").count() == 1
    assert CoverageChange.objects.filter(status="applied").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_the_last_two_values_at_the_same_moment_make_it_valid(cast):
    coverage = add(cast)
    left = waiting(coverage)
    last = [left.pop("payor"), left.pop("subscriber_id")]
    for change in left.values():
        decide(change, by=cast.bill, apply=True)
    at_once([lambda change=change: decide(change, by=cast.bill, apply=True) for change in last])
    assert fresh(coverage).status == "active"


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_send_at_the_same_moment_make_one_policy(cast):
    at_once([lambda: add(cast)] * 2)
    assert Coverage.objects.count() == 1


def at_once(verbs):
    """Each in a connection of its own, let go together."""
    barrier = Barrier(len(verbs))

    def run(verb):
        try:
            barrier.wait(10)
            return verb()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


# No insurance ---------------------------------------------------------------------------------


def test_no_insurance_is_proposed_and_decided_like_any_other_fact(cast):
    uninsured(cast)
    assert not fresh(cast.alice_client).uninsured
    decide(ProfileChange.objects.get(), by=cast.bill, apply=True)
    assert fresh(cast.alice_client).uninsured


def test_whoever_has_one_valid_or_waiting_is_not_uninsured(cast):
    coverage = add(cast)
    with pytest.raises(CannotPropose, match="There is an insurance"):
        uninsured(cast)
    decide_all(coverage, cast.bill)
    with pytest.raises(CannotPropose, match="There is an insurance"):
        uninsured(cast)


def test_adding_one_takes_back_that_there_is_none(cast):
    uninsured(cast)
    add(cast)
    assert about_uninsured() == ["withdrawn"]


def test_a_policy_that_becomes_valid_clears_that_there_is_none(cast):
    Client.objects.update(uninsured=True)
    coverage = add(cast)
    assert fresh(cast.alice_client).uninsured
    decide_all(coverage, cast.bill)
    assert not fresh(cast.alice_client).uninsured
    assert fresh(cast.bob_client).uninsured


def test_staff_who_add_one_clear_that_there_is_none(cast):
    uninsured(cast)
    coverages.save_coverage(Coverage(client=cast.alice_client, payor="Humana", subscriber_id="H1"), by=cast.bill)
    assert about_uninsured() == ["withdrawn"]


def test_it_can_be_taken_back(cast):
    uninsured(cast)
    uninsured(cast, False)
    assert about_uninsured() == ["withdrawn"]


# Who may --------------------------------------------------------------------------------------

VERBS = {
    "add": lambda cast, by, row: proposals.add_coverage(cast.bob_client, SAID, by=by),
    "change": lambda cast, by, row: proposals.change_coverage(row, {"plan": "Gold"}, by=by),
    "end": lambda cast, by, row: proposals.ask_to_end(row, date(2030, 1, 1), by=by),
    "withdraw": lambda cast, by, row: proposals.withdraw_coverage(row, by=by),
    "uninsured": lambda cast, by, row: proposals.say_uninsured(cast.bob_client, True, by=by),
}
STAFF_VERBS = {
    "save": lambda by, row: coverages.save_coverage(row, by=by),
    "end": lambda by, row: coverages.end_coverage(row, by=by),
    "reopen": lambda by, row: coverages.reopen_coverage(row, by=by),
    "add": lambda by, row: coverages.save_coverage(Coverage(client=row.client, payor="X", subscriber_id="1"), by=by),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["alice", "dana", "bill"])
def test_nobody_else_says_anything_about_a_clients_insurance(cast, who, verb):
    row = active(cast.bob_client)
    with pytest.raises(Refused):
        VERBS[verb](cast, getattr(cast, who), row)


@pytest.mark.parametrize("verb", VERBS)
def test_without_the_right_to_the_profile_nothing_is_said(cast, verb):
    row = active(cast.bob_client)
    carer = factories.user("Carla Cole")
    factories.access(carer, cast.bob_client, "carer", ["billing", "files", "appointments"])
    with pytest.raises(Refused):
        VERBS[verb](cast, carer, row)


@pytest.mark.parametrize("verb", STAFF_VERBS)
@pytest.mark.parametrize("who", ["alice", "dana"])
def test_clients_and_clinicians_do_not_keep_insurances(cast, who, verb):
    row = active(cast.alice_client)
    with pytest.raises(Refused):
        STAFF_VERBS[verb](getattr(cast, who), row)


@pytest.mark.parametrize("who", ["bill", "rhea", "olga"])
def test_billing_and_reception_keep_insurances(cast, who):
    by, row = getattr(cast, who), active(cast.alice_client)
    for verb in ("save", "end", "reopen", "add"):
        STAFF_VERBS[verb](by, fresh(row))


@pytest.mark.parametrize("verb", ["add", "change", "end", "uninsured"])
def test_where_the_practice_keeps_the_insurance_itself_clients_say_nothing(cast, verb):
    factories.practice(client_fields=["phone"])
    with pytest.raises(CannotPropose, match="Linden Practice keeps the insurance itself"):
        VERBS[verb](cast, cast.bob, active(cast.bob_client))
