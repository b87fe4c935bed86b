"""What clients propose, and what staff decide: nothing changes in the record unseen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.actions.changes import CannotDecide, Decision, decide, propose, review, withdraw
from accounts.actions.clients import archive_client
from accounts.models import Client, OutgoingMail, ProfileChange, User
from accounts.permissions import Refused
from accounts.proposals import ChangedMeanwhile
from accounts.signals import change_applied, change_decided
from accounts.states import ForbiddenMove
from tests import factories

Status = ProfileChange.Status


def asked(cast, by=None, shown=None, **values):
    return propose(cast.alice_client, values, by=by or cast.alice, kind=ProfileChange, shown=shown)


def one(cast, **values):
    (change,) = asked(cast, **values or {"phone": "+1 212 555 0177"})
    return change


def record(cast):
    return Client.objects.get(pk=cast.alice_client.pk)


def states():
    return sorted(ProfileChange.objects.values_list("field", "status"))


# Proposing ------------------------------------------------------------------------------------


def test_a_proposal_changes_nothing_in_the_record(cast):
    before = record(cast).phone
    change = one(cast)
    assert record(cast).phone == before
    assert (change.old, change.new, change.status) == (before, "+1 212 555 0177", "proposed")
    assert (change.client, change.proposed_by) == (cast.alice_client, cast.alice)


def test_there_is_one_row_for_each_field(cast):
    asked(cast, phone="1", address="12 Elm Street", birth_date=date(1990, 5, 18))
    assert [field for field, _status in states()] == ["address", "birth_date", "phone"]
    assert ProfileChange.objects.get(field="birth_date").new == "1990-05-18"


def test_a_value_that_the_record_has_is_no_proposal(cast):
    assert asked(cast, name="Alice Adams", birth_date=date(1990, 5, 17)) == []
    assert states() == []


def test_a_second_proposal_of_a_field_replaces_the_first(cast):
    one(cast, phone="111 1111")
    second = one(cast, phone="222 2222")
    assert states() == [("phone", "proposed"), ("phone", "withdrawn")]
    assert ProfileChange.objects.get(status="proposed") == second


def test_the_same_proposal_sent_twice_is_one(cast):
    one(cast, phone="111 1111")
    assert asked(cast, phone="111 1111") == []
    assert states() == [("phone", "proposed")]


def test_going_back_to_the_value_of_the_record_takes_the_proposal_back(cast):
    one(cast, phone="111 1111")
    assert asked(cast, phone=record(cast).phone) == []
    assert states() == [("phone", "withdrawn")]


def test_a_value_that_the_field_cannot_hold_is_refused_with_its_field(cast):
    with pytest.raises(ValidationError) as error:
        asked(cast, name="", phone="1\u202e1", address="12 Elm Street")
    assert set(error.value.message_dict) == {"name", "phone"}
    assert states() == []


def test_only_a_login_with_the_right_to_the_profile_may_propose(cast):
    helper = factories.user("Hal Hart")
    factories.access(helper, cast.alice_client, "carer", areas=["appointments"])
    for stranger in (cast.bob, helper, cast.olga, cast.dana):
        with pytest.raises(Refused):
            asked(cast, by=stranger, phone="111 1111")
    assert states() == []


def test_a_field_that_staff_changed_since_it_was_shown_is_not_proposed_but_told(cast):
    shown = {"phone": record(cast).phone, "address": ""}
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="999 9999")
    with pytest.raises(ChangedMeanwhile) as refusal:
        asked(cast, shown=shown, phone="111 1111", address="12 Elm Street")
    assert refusal.value.values == {"phone": "999 9999"}
    assert refusal.value.words["phone"] == "The value changed since: it is now “999 9999”."
    assert states() == []


def test_what_staff_changed_in_another_field_is_no_quarrel(cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="999 9999")
    asked(cast, shown={"phone": "", "address": ""}, address="12 Elm Street")
    assert states() == [("address", "proposed")]


# Withdrawing ----------------------------------------------------------------------------------


def test_the_client_takes_a_proposal_back_and_may_do_so_twice(cast):
    change = one(cast)
    withdraw(change, by=cast.alice)
    withdraw(change, by=cast.alice)
    assert states() == [("phone", "withdrawn")]


def test_what_is_decided_is_not_withdrawn_any_more(cast):
    change = one(cast)
    decide(change, by=cast.rhea, apply=True)
    with pytest.raises(ForbiddenMove, match="Rhea Reed already took this over"):
        withdraw(change, by=cast.alice)


def test_nobody_else_withdraws_it(cast):
    change = one(cast)
    for stranger in (cast.bob, cast.olga):
        with pytest.raises(Refused):
            withdraw(change, by=stranger)
    assert states() == [("phone", "proposed")]


# Deciding -------------------------------------------------------------------------------------


def test_a_value_that_is_taken_over_is_in_the_record(cast):
    change = one(cast, birth_date=date(1991, 1, 2))
    decided = decide(change, by=cast.rhea, apply=True)
    assert record(cast).birth_date == date(1991, 1, 2)
    assert (decided.status, decided.decided_by, decided.reason) == ("applied", cast.rhea, "")


def test_a_name_that_is_taken_over_is_found_by_the_search(cast):
    decide(one(cast, name="Alice Archer"), by=cast.rhea, apply=True)
    assert Client.objects.all().matching("archer").get() == cast.alice_client


def test_not_taking_it_over_needs_a_reason(cast):
    change, before = one(cast), record(cast).phone
    for reason in ("", "   ", "x" * 501, "a\x00b"):
        with pytest.raises(CannotDecide):
            decide(change, by=cast.rhea, apply=False, reason=reason)
    decide(change, by=cast.rhea, apply=False, reason="This number has no area code.")
    assert ProfileChange.objects.get().reason == "This number has no area code."
    assert record(cast).phone == before


def test_only_staff_with_the_permission_decide_and_only_about_whom_they_see(cast):
    change = one(cast)
    for nobody in (cast.alice, cast.bob, cast.dana):
        with pytest.raises(Refused):
            decide(change, by=nobody, apply=True)
    assert states() == [("phone", "proposed")]


def test_the_second_of_two_staff_hears_who_was_first_and_when(cast):
    change = one(cast)
    decide(change, by=cast.rhea, apply=True)
    # “5 p.m.” and “noon” at the full hour; “Nov.” and “May”.
    with pytest.raises(ForbiddenMove, match=r"Rhea Reed already took this over at (\d+(:\d\d)? [ap]\.m|noon|midnight)"):
        decide(change, by=cast.olga, apply=False, reason="No.")
    ProfileChange.objects.update(decided_at=timezone.now() - timedelta(days=3))
    with pytest.raises(ForbiddenMove, match=r"Rhea Reed already took this over at \w+\.? \d+, 20\d\d"):
        decide(change, by=cast.olga, apply=True)


def test_the_same_press_twice_decides_once_and_tells_once(cast):
    change = one(cast)
    decide(change, by=cast.rhea, apply=True)
    decide(change, by=cast.rhea, apply=True)
    assert OutgoingMail.objects.filter(name="accounts/change_decided").count() == 1


def test_a_withdrawn_proposal_is_not_taken_over(cast):
    change = one(cast)
    withdraw(change, by=cast.alice)
    with pytest.raises(ForbiddenMove, match="Alice Adams withdrew this"):
        decide(change, by=cast.rhea, apply=True)


def test_a_value_that_changed_since_the_proposal_is_not_run_over_unseen(cast):
    change = one(cast, phone="111 1111")
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="999 9999")
    with pytest.raises(ChangedMeanwhile, match="it is now “999 9999”"):
        decide(change, by=cast.rhea, apply=True)
    with pytest.raises(ChangedMeanwhile):
        decide(change, by=cast.rhea, apply=True, seen="888 8888")
    assert record(cast).phone == "999 9999" and states() == [("phone", "proposed")]
    decide(change, by=cast.rhea, apply=True, seen="999 9999")
    assert record(cast).phone == "111 1111"


def test_a_value_that_the_record_cannot_hold_any_more_is_refused_in_words(cast):
    change = one(cast, name="Alice Archer")
    ProfileChange.objects.update(new="")
    with pytest.raises(CannotDecide, match="Name: This field cannot be blank"):
        decide(change, by=cast.rhea, apply=True)
    assert record(cast).name == "Alice Adams" and states() == [("name", "proposed")]


def test_upstairs_hears_of_it_before_it_is_saved_and_may_stop_it(cast):
    heard = []

    def listen(sender, change, row, **_):
        heard.append((change.field, row.phone, record(cast).phone))
        raise CannotDecide("Not today.")

    change, before = one(cast, phone="111 1111"), record(cast).phone
    change_applied.connect(listen, sender=ProfileChange)
    try:
        with pytest.raises(CannotDecide, match=r"Not today\."):
            decide(change, by=cast.rhea, apply=True)
    finally:
        change_applied.disconnect(listen, sender=ProfileChange)
    assert heard == [("phone", "111 1111", before)]
    assert record(cast).phone == before and states() == [("phone", "proposed")]


def test_upstairs_hears_of_every_decision(cast):
    heard = []

    def listen(sender, change, **_):
        heard.append((change.field, change.status))

    phone, address = asked(cast, phone="111 1111", address="12 Elm Street")
    change_decided.connect(listen, sender=ProfileChange)
    try:
        decide(phone, by=cast.rhea, apply=True)
        decide(address, by=cast.rhea, apply=False, reason="Incomplete.")
    finally:
        change_decided.disconnect(listen, sender=ProfileChange)
    assert heard == [("phone", "applied"), ("address", "rejected")]


# Several together -----------------------------------------------------------------------------


def test_several_decided_together_are_one_mail_to_each_login_and_it_names_nothing(cast):
    factories.access(cast.gina, cast.alice_client, "guardian")
    phone, address = asked(cast, phone="111 1111", address="12 Elm Street")
    done = review([Decision(phone, True), Decision(address, False, "Which town?")], by=cast.rhea)
    assert len(done.done) == 2 and not done.refused
    mails = OutgoingMail.objects.filter(name="accounts/change_decided")
    assert sorted(mails.values_list("to", flat=True)) == ["alice@example.com", "gina@example.com"]
    assert not [
        m for m in mails for word in ("111", "Elm", "town", "phone number", "Adams") if word in m.text + m.subject
    ]


def test_whoever_muted_the_profile_gets_no_mail(cast):
    User.objects.filter(pk=cast.alice.pk).update(muted=["profile"])
    decide(one(cast), by=cast.rhea, apply=True)
    assert not OutgoingMail.objects.filter(name="accounts/change_decided").exists()


def test_of_an_archived_client_nobody_is_told(cast):
    change = one(cast)
    archive_client(cast.alice_client, by=cast.olga)
    decide(change, by=cast.olga, apply=True)
    assert not OutgoingMail.objects.filter(name="accounts/change_decided").exists()


def test_one_that_cannot_be_decided_leaves_the_others_standing(cast):
    phone, address = asked(cast, phone="111 1111", address="12 Elm Street")
    decide(phone, by=cast.olga, apply=True)
    done = review([Decision(phone, False, "No."), Decision(address, True)], by=cast.rhea)
    assert [change.field for change in done.done] == ["address"]
    assert "Olga Owens already took this over" in done.refused[phone.pk]
    assert record(cast).address == "12 Elm Street"


def test_where_nothing_could_be_decided_nobody_is_told(cast):
    change = one(cast)
    review([Decision(change, False, "")], by=cast.rhea)
    assert not OutgoingMail.objects.filter(name="accounts/change_decided").exists()


# At once --------------------------------------------------------------------------------------


def at_once(*verbs):
    """Each verb in a thread and a connection of its own, started together; what each says."""
    barrier = Barrier(len(verbs))

    def run(verb):
        try:
            barrier.wait(10)
            verb()
        except (ForbiddenMove, ChangedMeanwhile) as refusal:
            return str(refusal)
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.mark.django_db(transaction=True)
def test_of_two_staff_who_decide_at_once_one_wins_and_the_other_is_told(cast):
    change = one(cast)
    answers = at_once(
        lambda: decide(change, by=cast.rhea, apply=True),
        lambda: decide(change, by=cast.olga, apply=False, reason="No."),
    )
    assert answers.count("done") == 1
    assert "already" in next(answer for answer in answers if answer != "done")
    applied = ProfileChange.objects.get().status == Status.APPLIED
    assert (record(cast).phone == "+1 212 555 0177") is applied
    assert OutgoingMail.objects.filter(name="accounts/change_decided").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_proposals_of_one_field_at_once_leave_one_open(cast):
    tries = [lambda number=number: asked(cast, phone=f"{number}") for number in range(6)]
    assert at_once(*tries) == ["done"] * 6
    assert ProfileChange.objects.filter(status="proposed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_withdrawing_and_taking_over_at_once_end_in_one_of_the_two(cast):
    change = one(cast, phone="111 1111")
    answers = at_once(lambda: withdraw(change, by=cast.alice), lambda: decide(change, by=cast.rhea, apply=True))
    assert answers.count("done") == 1
    assert (record(cast).phone == "111 1111") is (ProfileChange.objects.get().status == Status.APPLIED)


@pytest.mark.django_db(transaction=True)
def test_a_new_proposal_and_a_decision_of_the_old_one_do_not_wait_for_each_other(cast):
    change = one(cast, phone="111 1111")
    answers = at_once(lambda: asked(cast, phone="222 2222"), lambda: decide(change, by=cast.rhea, apply=True))
    assert answers[0] == "done"
    assert ProfileChange.objects.get(new="222 2222").status == Status.PROPOSED
