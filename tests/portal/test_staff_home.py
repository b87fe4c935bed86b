"""The staff's first page: what waits for whom, with one press for the common answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.factors import ask_factor_reset
from accounts.actions.invitations import send_invitation
from accounts.models import Invitation, OutgoingMail, User
from tests import factories


@pytest.fixture
def home(signed_in):
    """`home(user)` is what stands on that person's first page, by template."""

    def open_home(user):
        answer = signed_in(user).get(reverse("admin:index"))
        blocks = [entry for column in answer.context.get("columns", []) for entry in column]
        return {entry["template"].split("/")[-1].removesuffix(".html"): entry["block"] for entry in blocks}, answer

    return open_home


def late(name):
    invitation = send_invitation(factories.client(name), by=None).invitation
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=1))
    return invitation


def lost(name):
    invitation = send_invitation(factories.client(name), by=None).invitation
    Invitation.objects.filter(pk=invitation.pk).update(status="undeliverable")
    return invitation


def test_invitations_in_trouble_wait_for_the_front_desk(cast, home):
    send_invitation(factories.client("Fine Fay"), by=None)
    late("Late Lou"), lost("Lost Liv")
    blocks, answer = home(cast.rhea)
    assert {row["invitation"].client.name for row in blocks["invitations"]["rows"]} == {"Late Lou", "Lost Liv"}
    assert answer.content.decode().count("Send again") == 2


def test_one_press_sends_one_again_and_comes_back_home(cast, home, signed_in):
    invitation = late("Late Lou")
    url = reverse("admin:accounts_invitation_do", args=[invitation.pk, "again"])
    answer = signed_in(cast.rhea).post(url, {"next": "/admin/"}, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "on its way to late@example.com" in answer.content.decode()
    assert home(cast.rhea)[0]["invitations"]["rows"] == []


def test_dana_hears_only_of_her_own_clients(cast, home):
    mine, _other = late("Late Lou"), late("Slow Sue")
    factories.assigned(mine.client, cast.dana_provider)
    blocks, answer = home(cast.dana)
    assert [row["invitation"].client.name for row in blocks["invitations"]["rows"]] == ["Late Lou"]
    assert "Slow Sue" not in answer.content.decode()


def test_bill_has_nothing_to_do_with_invitations_and_is_told_so_kindly(cast, home):
    late("Late Lou")
    blocks, answer = home(cast.bill)
    assert blocks == {}
    assert "Nothing waits for you here" in answer.content.decode()
    assert "Late Lou" not in answer.content.decode()


def test_nothing_in_trouble_says_how_many_are_on_their_way(cast, home):
    send_invitation(factories.client("Fine Fay"), by=None)
    assert "1 is on its way" in home(cast.rhea)[1].content.decode()


def test_mail_that_did_not_arrive_waits_for_those_who_answer_for_it(cast, home):
    OutgoingMail.objects.create(
        name="accounts/joined", to="bob@example.com", subject="You have signed up", status="failed"
    )
    assert [mail.to for mail in home(cast.olga)[0]["mails"]["rows"]] == ["bob@example.com"]
    assert "mails" not in home(cast.rhea)[0]


def test_who_lacks_a_second_step_is_named_to_the_owner(cast, home):
    assert "second_steps" not in home(cast.olga)[0]
    factories.staff("Nora New", "Intake", factor=False)
    assert [user.name for user in home(cast.olga)[0]["second_steps"]["staff"]] == ["Nora New"]
    assert "second_steps" not in home(cast.rhea)[0]


def test_clients_without_a_second_step_are_counted_where_the_practice_asks_for_one(cast, home):
    factories.practice(requires_second_factor=True)
    assert home(cast.olga)[0]["second_steps"]["clients"] == User.objects.filter(is_staff=False).count()


def test_s14_a_request_to_remove_a_second_step_waits_for_a_second_person(cast, home):
    factories.TOTP.activate(cast.alice, factories.TOTP_SECRET)
    ask_factor_reset(cast.alice, by=cast.rhea, reason="Phone lost.")
    assert "I checked it too: remove" in home(cast.olga)[1].content.decode()
    assert "I checked it too: remove" not in home(cast.rhea)[1].content.decode()
    assert "lost_factors" not in home(cast.dana)[0]


def test_home_takes_as_many_questions_however_much_waits(cast, home, signed_in):
    browser = signed_in(cast.olga)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            browser.get(reverse("admin:index"))
        return len(seen)

    late("Late Lou")
    factories.staff("Nora New", "Intake", factor=False)
    OutgoingMail.objects.create(name="accounts/joined", to="a@example.com", subject="x", status="failed")
    browser.get(reverse("admin:index"))
    few = queries()
    for n in range(12):
        late(f"Late{n} Lou")
        factories.staff(f"Nora{n} New", "Intake", factor=False)
        OutgoingMail.objects.create(name="accounts/joined", to=f"a{n}@example.com", subject="x", status="failed")
    assert queries() == few
