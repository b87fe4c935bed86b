"""Signing up with an invitation: product promise, every row of the table of cases."""

import pytest
from django.core import mail as outbox
from django.urls import reverse

from accounts.actions.invitations import send_invitation
from accounts.models import Agreement, Invitation, User
from tests import factories


@pytest.fixture
def invitation(practice):
    return send_invitation(factories.client("Alice Adams"), by=None).invitation


def join_url(invitation):
    return reverse("accounts:join", args=[invitation.token])


GOOD = {"password": factories.PASSWORD, "agrees": "on"}


def test_alice_signs_up_from_the_mail_and_lands_on_the_dashboard(client, invitation, run_jobs):
    run_jobs()
    (mail,) = outbox.outbox
    assert join_url(invitation) in mail.body
    answer = client.post(join_url(invitation), GOOD, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert answer.context["user"].email == "alice@example.com"
    assert Agreement.objects.count() == 2
    invitation.refresh_from_db()
    assert invitation.status == Invitation.Status.ACCEPTED


def test_the_address_cannot_be_changed_by_a_forged_post(client, invitation):
    client.post(join_url(invitation), {**GOOD, "email": "eve@example.com"})
    assert [user.email for user in User.objects.all()] == ["alice@example.com"]
