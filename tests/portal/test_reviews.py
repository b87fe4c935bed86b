"""The staff's review: who waits, old beside new, a decision for each value, and what happens between two of them."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.changes import decide, propose, withdraw
from accounts.models import Client, OutgoingMail, ProfileChange, RecordView
from billing.models import Coverage, CoverageChange
from tests import factories
from tests.uploads.sent import checked, picture, send, with_preview

QUEUE = "/admin/reviews/"


def review_of(client):
    return reverse("admin:review", args=[client.pk])


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def asked(cast):
    """What Alice proposes: a phone number and an address, by field."""
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="111 1111", address="Old Street 1")
    cast.alice_client.refresh_from_db()
    made = propose(
        cast.alice_client, {"phone": "222 2222", "address": "New Street 2"}, by=cast.alice, kind=ProfileChange
    )
    return {change.field: change for change in made}


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


def answers(page, **chosen):
    """What the page sends for these choices by field: "apply", or the reason why not."""
    hidden = dict(re.findall(r'name="(_seen-[^"]+)" value="([^"]*)"', page.text))
    sent = {name: value.replace("&quot;", '"') for name, value in hidden.items()}
    for change in ProfileChange.objects.filter(field__in=chosen):
        word = chosen[change.field]
        sent[f"decide-{change.pk}"] = word if word in {"apply", "later"} else "reject"
        sent[f"reason-{change.pk}"] = "" if word in {"apply", "later", "reject"} else word
    return sent


def choose(browser, client, page=None, **chosen):
    page = page or browser.get(review_of(client))
    return browser.post(review_of(client), answers(page, **chosen), follow=True)


def record(cast):
    return Client.objects.get(pk=cast.alice_client.pk)


def states():
    return dict(ProfileChange.objects.values_list("field", "status"))


# The queue ------------------------------------------------------------------------------------


def test_the_queue_has_who_waited_longest_on_top_and_home_counts_the_same(cast, asked, rhea):
    propose(cast.timo, {"phone": "333 3333"}, by=cast.gina, kind=ProfileChange)
    ProfileChange.objects.filter(client=cast.timo).update(proposed_at=timezone.now() - timedelta(days=2))
    shown = text_of(rhea.get(QUEUE))
    assert shown.index("Timo Gray") < shown.index("Alice Adams")
    assert "1 change " in shown and "2 changes" in shown
    home = rhea.get("/admin/")
    assert re.search(r'Profile changes <span class="count">2</span>', home.text)
    assert review_of(cast.timo) in home.text


def test_with_nothing_to_decide_home_is_silent_and_the_queue_says_so(cast, rhea):
    assert "Nothing waits for you" in rhea.get(QUEUE).text
    assert 'id="reviews"' not in rhea.get("/admin/").text


def test_what_is_decided_or_withdrawn_or_archived_is_not_in_the_queue(cast, asked, rhea):
    decide(asked["phone"], by=cast.olga, apply=True)
    assert "1 change " in text_of(rhea.get(QUEUE))
    withdraw(asked["address"], by=cast.alice)
    assert "Alice Adams" not in rhea.get(QUEUE).text
    propose(cast.bob_client, {"phone": "1"}, by=cast.bob, kind=ProfileChange)
    Client.objects.filter(pk=cast.bob_client.pk).update(archived_at=timezone.now())
    assert "Bob Brown" not in rhea.get(QUEUE).text


def test_whoever_decides_nothing_has_no_queue_and_reads_only_of_their_own_clients(cast, asked, signed_in):
    dana = signed_in(cast.dana)
    assert dana.get(QUEUE).status_code == 403
    assert QUEUE not in dana.get("/admin/").text
    shown = dana.get(review_of(cast.alice_client))
    assert "222 2222" in shown.text and "Save decisions" not in shown.text
    assert dana.get(review_of(cast.bob_client)).status_code == 404
    answer = choose(dana, cast.alice_client, page=shown, phone="apply", address="apply")
    assert answer.status_code == 200 and states() == {"phone": "proposed", "address": "proposed"}


def test_the_queue_asks_as_often_for_many_as_for_one(cast, rhea):
    counts = []
    for number in (1, 6):
        for each in range(number):
            person = factories.client(f"Person {number}{each}")
            ProfileChange.objects.create(client=person, field="phone", old="", new="1", proposed_by=cast.alice)
        with CaptureQueriesContext(connection) as asked:
            rhea.get(QUEUE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# One client -----------------------------------------------------------------------------------


def test_old_stands_beside_new_with_who_sent_it(cast, asked, rhea):
    shown = text_of(rhea.get(review_of(cast.alice_client)))
    assert "In the record 111 1111 Proposed 222 2222" in shown
    assert "In the record Old Street 1 Proposed New Street 2" in shown
    assert "Sent by Alice Adams" in shown


def test_looking_at_it_leaves_a_trace(cast, asked, rhea):
    rhea.get(review_of(cast.alice_client))
    assert RecordView.objects.get(client=cast.alice_client).page == "profile changes"


def test_each_value_is_taken_over_or_not_in_one_go_and_the_client_is_told_once(cast, asked, rhea):
    answer = choose(rhea, cast.alice_client, phone="apply", address="Which town?")
    assert "Taken over: 1. Not taken over: 1." in answer.text
    assert answer.redirect_chain[-1][0] == QUEUE
    assert (record(cast).phone, record(cast).address) == ("222 2222", "Old Street 1")
    assert states() == {"phone": "applied", "address": "rejected"}
    assert OutgoingMail.objects.filter(name="accounts/change_decided").count() == 1


def test_what_is_left_waiting_stays_and_the_page_too(cast, asked, rhea):
    answer = choose(rhea, cast.alice_client, phone="apply", address="later")
    assert answer.redirect_chain[-1][0] == review_of(cast.alice_client)
    assert states() == {"phone": "applied", "address": "proposed"}


def test_one_press_takes_everything_over(cast, asked, rhea):
    page = rhea.get(review_of(cast.alice_client))
    sent = answers(page, phone="later", address="later")
    rhea.post(review_of(cast.alice_client), {**sent, "everything": "1"})
    assert set(states().values()) == {"applied"}


def test_a_no_without_a_reason_is_asked_for_and_the_rest_stays_as_it_was_chosen(cast, asked, rhea):
    answer = choose(rhea, cast.alice_client, phone="reject", address="Which town?")
    assert answer.status_code == 422
    assert "Please write a reason, so that the client understands." in answer.text and "Which town?" in answer.text
    assert RecordView.objects.filter(client=cast.alice_client).exists(), "the record was shown, so it leaves a trace"
    assert set(states().values()) == {"proposed"}


def test_choosing_nothing_is_said(cast, asked, rhea):
    assert "You have not chosen anything yet." in choose(rhea, cast.alice_client, phone="later").text


def test_the_same_decisions_sent_twice_are_one(cast, asked, rhea):
    page = rhea.get(review_of(cast.alice_client))
    choose(rhea, cast.alice_client, page=page, phone="apply", address="No.")
    again = choose(rhea, cast.alice_client, page=page, phone="apply", address="No.")
    assert "This is decided already." in again.text
    assert OutgoingMail.objects.filter(name="accounts/change_decided").count() == 1


def test_whoever_comes_second_is_told_who_was_first(cast, asked, rhea, signed_in):
    page = rhea.get(review_of(cast.alice_client))
    choose(signed_in(cast.olga), cast.alice_client, phone="apply")
    answer = choose(rhea, cast.alice_client, page=page, phone="No.", address="apply")
    assert "Phone: Olga Owens already took this over at" in text_of(answer)
    assert states() == {"phone": "applied", "address": "applied"}


def test_a_value_that_changed_before_the_page_was_opened_is_shown_and_can_be_taken_over(cast, asked, rhea):
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="999 9999")
    page = rhea.get(review_of(cast.alice_client))
    assert "The record has changed since this was sent. It said then: 111 1111" in text_of(page)
    assert "In the record 999 9999" in text_of(page)
    choose(rhea, cast.alice_client, page=page, phone="apply")
    assert record(cast).phone == "222 2222"


def test_a_value_that_changed_while_the_page_was_open_is_not_run_over(cast, asked, rhea):
    page = rhea.get(review_of(cast.alice_client))
    Client.objects.filter(pk=cast.alice_client.pk).update(phone="999 9999")
    answer = choose(rhea, cast.alice_client, page=page, phone="apply", address="Which town?")
    assert answer.status_code == 422
    assert "The value changed since: it is now “999 9999”." in answer.text
    assert states() == {"phone": "proposed", "address": "rejected"} and record(cast).phone == "999 9999"
    choose(rhea, cast.alice_client, page=answer, phone="apply")
    assert record(cast).phone == "222 2222"


def test_a_proposal_that_the_client_replaced_meanwhile_is_not_decided(cast, asked, rhea):
    page = rhea.get(review_of(cast.alice_client))
    sent = answers(page, phone="apply")
    propose(cast.alice_client, {"phone": "444 4444"}, by=cast.alice, kind=ProfileChange)
    answer = rhea.post(review_of(cast.alice_client), sent, follow=True)
    assert "Alice Adams withdrew this" in text_of(answer) and "444 4444" in answer.text
    assert record(cast).phone == "111 1111"


def test_forged_keys_and_another_clients_proposals_decide_nothing(cast, asked, rhea):
    forged = {f"decide-{key}": "apply" for key in ("1", "nonsense", asked["phone"].pk)}
    assert rhea.post(review_of(cast.bob_client), forged).status_code == 302
    assert set(states().values()) == {"proposed"}
    seen = {f"_seen-{asked['phone'].pk}": "{not json", f"decide-{asked['phone'].pk}": "apply"}
    rhea.post(review_of(cast.alice_client), seen)
    assert record(cast).phone == "222 2222"


def test_the_record_shows_what_waits(cast, asked, rhea):
    shown = text_of(rhea.get(reverse("admin:record", args=[cast.alice_client.pk])))
    assert "Sent for review 2" in shown and "111 1111 → is to become 222 2222" in shown
    assert "Sent for review" not in rhea.get(reverse("admin:record", args=[cast.bob_client.pk])).text


# Of other storeys -----------------------------------------------------------------------------


@pytest.fixture
def plan(cast):
    policy = Coverage.objects.create(client=cast.alice_client, payor="Evergreen", status="active")
    return propose(policy, {"plan": "Gold"}, by=cast.alice, kind=CoverageChange)[0]


def test_insurance_is_reviewed_on_the_same_page(cast, asked, plan, rhea):
    shown = rhea.get(review_of(cast.alice_client))
    assert "Insurance: Evergreen" in shown.text and "Gold" in shown.text
    assert "3 changes" in text_of(rhea.get(QUEUE))
    sent = {**answers(shown, phone="apply"), f"decide-{plan.pk}": "apply", f"_seen-{plan.pk}": json.dumps("")}
    rhea.post(review_of(cast.alice_client), sent)
    assert Coverage.objects.get().plan == "Gold" and record(cast).phone == "222 2222"
    assert OutgoingMail.objects.filter(name="accounts/change_decided").count() == 1


def test_the_picture_of_a_card_is_shown_and_opens(cast, rhea, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    card = with_preview(checked(send(cast.alice, cast.alice_client, picture(), area="profile")))
    policy = Coverage.objects.create(client=cast.alice_client, payor="Evergreen", status="active")
    propose(policy, {"front": card}, by=cast.alice, kind=CoverageChange)
    shown = rhea.get(review_of(cast.alice_client)).text
    assert f'href="{reverse("admin:uploads_upload_change", args=[card.pk])}"' in shown
    assert f'src="{reverse("admin:uploads_upload_preview", args=[card.pk])}"' in shown
    rhea.post(review_of(cast.alice_client), {f"decide-{CoverageChange.objects.get().pk}": "apply"})
    assert Coverage.objects.get().front == card


def test_each_kind_asks_for_its_own_permission(cast, asked, plan, signed_in):
    group = cast.bill.groups.get()
    group.permissions.remove(*group.permissions.filter(codename__in=["change_profilechange", "view_profilechange"]))
    bill = signed_in(cast.bill)
    assert "1 change " in text_of(bill.get(QUEUE))
    shown = bill.get(review_of(cast.alice_client))
    assert "Gold" in shown.text and "222 2222" not in shown.text
    sent = {f"decide-{change.pk}": "apply" for change in (plan, asked["phone"])}
    bill.post(review_of(cast.alice_client), sent)
    assert Coverage.objects.get().plan == "Gold" and states()["phone"] == "proposed"
