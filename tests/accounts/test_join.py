"""Signing up with an invitation: the paragraph about it and every row of its table of cases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions.clients import save_client
from accounts.actions.invitations import CannotInvite, revoke_invitation, send_invitation
from accounts.models import Access, Agreement, Invitation, OutgoingMail, SecurityEvent, User
from tests import factories

GOOD = {"password": factories.PASSWORD, "agrees": "on"}


@pytest.fixture
def invitation(practice):
    return send_invitation(factories.client("Alice Adams"), by=None).invitation


def link(invitation, word="join"):
    return reverse(f"accounts:{word}", args=[invitation.token])


def expire(invitation, *, ago=timedelta(seconds=1)):
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - ago)


# The promise ------------------------------------------------------------------------------------


def test_alice_signs_up_from_the_mail_and_lands_on_the_dashboard(client, invitation, run_jobs):
    run_jobs()
    (mail,) = outbox.outbox
    assert mail.to == ["alice@example.com"]
    assert link(invitation) in mail.body
    answer = client.post(link(invitation), GOOD, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert answer.context["user"].email == "alice@example.com"
    invitation.refresh_from_db()
    assert invitation.status == Invitation.Status.ACCEPTED
    assert invitation.accepted_by == answer.context["user"]


def test_after_signing_up_a_welcome_names_the_next_steps(client, invitation):
    answer = client.post(link(invitation), GOOD, follow=True)
    assert "Welcome to Linden Practice" in answer.text
    assert "Add a second step or a passkey" in answer.text


def test_the_mail_says_whose_invitation_it_is_and_how_long_it_is_good(invitation, run_jobs):
    run_jobs()
    (mail,) = outbox.outbox
    assert mail.subject == "Your invitation from Linden Practice"
    assert mail.body.count("http") == 1
    assert "ignore" in mail.body
    assert str(invitation.expires_at.year) in mail.body
    assert mail.alternatives[0].mimetype == "text/html"


def test_the_invitation_is_good_for_seven_days_or_as_the_practice_says(practice):
    first = send_invitation(factories.client("Alice Adams"), by=None).invitation
    assert first.expires_at - first.sent_at == timedelta(days=7)
    factories.practice(invitation_days=3)
    second = send_invitation(factories.client("Bob Brown"), by=None).invitation
    assert second.expires_at - second.sent_at == timedelta(days=3)


def test_the_form_helps_password_managers_and_shows_the_address_as_fixed(client, invitation):
    page = client.get(link(invitation)).text
    assert 'autocomplete="new-password"' in page
    assert 'value="alice@example.com"' in page
    assert page.index("disabled") > page.index('value="alice@example.com"') - 200
    assert "onpaste" not in page


def test_the_address_cannot_be_changed_by_a_forged_post(client, invitation):
    client.post(link(invitation), {**GOOD, "email": "eve@example.com"})
    assert [user.email for user in User.objects.all()] == ["alice@example.com"]


@pytest.mark.parametrize("password", ["short", "password123", "12345678901234", "alice adams", ""])
def test_a_weak_password_is_refused_beside_its_field(client, invitation, password):
    answer = client.post(link(invitation), {**GOOD, "password": password})
    assert answer.status_code == 422
    assert answer.context["form"].errors["password"]
    assert not User.objects.exists()


def test_no_password_is_taken_that_the_sign_in_page_would_refuse(client, invitation):
    answer = client.post(link(invitation), {**GOOD, "password": factories.PASSWORD * 100})
    assert answer.status_code == 422
    assert "password" in answer.context["form"].errors


def test_the_terms_must_be_agreed_to_and_their_version_is_stored(client, invitation):
    answer = client.post(link(invitation), {"password": factories.PASSWORD})
    assert answer.context["form"].errors["agrees"]
    client.post(link(invitation), GOOD)
    agreed = Agreement.objects.values_list("document__kind", "document__version").order_by("document__kind")
    assert list(agreed) == [("privacy", 1), ("terms", 1)]


def test_s17_the_session_is_rotated(client, invitation):
    client.get(link(invitation))
    client.session["seen"] = True
    before = client.session.session_key
    client.post(link(invitation), GOOD)
    assert client.session.session_key != before


def test_the_person_may_do_what_the_invitation_promised(client, practice):
    timo = factories.client("Timo Gray", email="gina@example.com")
    sent = send_invitation(timo, by=None, relationship="guardian", areas=["appointments", "forms"])
    client.post(link(sent.invitation), GOOD)
    access = Access.objects.get()
    assert (access.client, access.relationship, access.areas) == (timo, "guardian", ["appointments", "forms"])


def test_a_guardian_is_not_given_the_childs_name(client, practice):
    timo = factories.client("Timo Gray", email="gina@example.com")
    client.post(link(send_invitation(timo, by=None, relationship="guardian").invitation), GOOD)
    assert User.objects.get().name == ""


# A second fact ----------------------------------------------------------------------------------


@pytest.fixture
def asks_birth_date(invitation):
    factories.practice(asks_birth_date=True)


def test_s10_with_the_second_fact_on_the_link_alone_is_not_enough(client, invitation, asks_birth_date):
    client.post(link(invitation), GOOD)
    client.post(link(invitation), {**GOOD, "birth_date": "1990-05-18"})
    assert not User.objects.exists()
    client.post(link(invitation), {**GOOD, "birth_date": "1990-05-17"})
    assert User.objects.exists()


def test_after_five_wrong_birth_dates_the_link_is_dead_even_for_the_right_one(client, invitation, asks_birth_date):
    for day in range(1, 6):
        answer = client.post(link(invitation), {**GOOD, "birth_date": date(1991, 1, day).isoformat()})
        assert answer.context["form"].errors["birth_date"]
    assert client.post(link(invitation), {**GOOD, "birth_date": "1990-05-17"}).status_code == 404
    assert not User.objects.exists()


def test_a_client_whose_birth_date_was_taken_away_cannot_be_guessed(client, practice):
    nobody = send_invitation(factories.client("Nils Noon", birth_date=None), by=None).invitation
    factories.practice(asks_birth_date=True)
    assert client.post(link(nobody), {**GOOD, "birth_date": "1990-05-17"}).status_code == 422


# The table of cases -----------------------------------------------------------------------------


def test_expired(client, invitation):
    expire(invitation)
    page = client.get(link(invitation))
    assert page.status_code == 410
    assert "This link has expired." in page.text
    assert "Send a new link" in page.text
    assert client.post(link(invitation), GOOD).status_code == 410
    assert not User.objects.exists()


def test_expired_a_new_link_goes_to_the_same_address(client, invitation, run_jobs):
    run_jobs()
    expire(invitation)
    answer = client.post(link(invitation, "join_new_link"))
    assert "A new link is on its way" in answer.text
    run_jobs()
    assert [mail.to for mail in outbox.outbox] == [["alice@example.com"]] * 2
    assert link(invitation) not in outbox.outbox[1].body
    invitation.refresh_from_db()
    assert link(invitation) in outbox.outbox[1].body
    assert client.post(link(invitation), GOOD).status_code == 302


def test_expired_same_answer_whoever_asks(client, invitation, signed_in):
    expire(invitation)
    url = link(invitation, "join_new_link")
    askers = [client, client, signed_in(factories.user("Bob Brown"))]
    answers = [asker.post(url) for asker in askers] + [client.post(reverse("accounts:join_new_link", args=["x" * 64]))]
    assert {answer.status_code for answer in answers} == {200}
    assert all("A new link is on its way" in answer.text for answer in answers)
    # The second press met a link that the first one had replaced: one mail, not two.
    assert OutgoingMail.objects.filter(name="accounts/invitation").count() == 2


def test_expired_looking_at_the_answer_again_leads_to_the_invitation(client, invitation):
    expire(invitation)
    answer = client.get(link(invitation, "join_new_link"))
    assert answer.url == link(invitation)
    assert OutgoingMail.objects.count() == 1


def test_expired_new_links_are_rate_limited(client, invitation):
    for _ in range(3):
        expire(invitation)
        assert client.post(link(invitation, "join_new_link")).status_code == 200
        invitation.refresh_from_db()
    expire(invitation)
    assert client.post(link(invitation, "join_new_link")).status_code == 429
    assert OutgoingMail.objects.count() == 4


def test_already_used_signed_out(client, invitation):
    Browser().post(link(invitation), GOOD)
    page = client.get(link(invitation))
    assert page.status_code == 410
    assert "You have already signed up." in page.text
    assert reverse("account_login") in page.text


def test_signed_in_as_someone_else(invitation, signed_in):
    bob = signed_in(factories.user("Bob Brown"))
    for answer in (bob.get(link(invitation)), bob.post(link(invitation), GOOD)):
        assert answer.status_code == 409
        assert "You are signed in as bob@example.com. Sign out to accept this invitation." in answer.text
    assert User.objects.count() == 1


def test_signed_in_as_the_same_person_leads_home(client, invitation):
    client.post(link(invitation), GOOD)
    assert client.get(link(invitation)).url == "/"


def test_signing_out_there_leads_back_to_the_invitation(invitation, signed_in):
    bob = signed_in(factories.user("Bob Brown"))
    answer = bob.post(reverse("account_logout"), {"next": link(invitation)})
    assert answer.url == link(invitation)


@pytest.mark.parametrize("case", ["revoked", "wrong", "tampered"])
def test_revoked_wrong_or_tampered_is_one_neutral_404(client, invitation, case):
    token = invitation.token
    if case == "revoked":
        revoke_invitation(invitation, by=None)
    elif case == "wrong":
        token = "0" * 64
    else:
        token = token[:-1] + ("0" if token[-1] != "0" else "1")
    url = reverse("accounts:join", args=[token])
    pages = [client.get(url), client.post(url, GOOD), client.get(reverse("accounts:join", args=["nonsense"]))]
    assert {page.status_code for page in pages} == {404}
    assert not any("alice" in page.text.casefold() for page in pages)
    assert not User.objects.exists()


def test_address_differs_by_case_is_the_same_address(client, practice):
    person = factories.client("Alice Adams", email="ALICE@Example.COM")
    client.post(link(send_invitation(person, by=None).invitation), GOOD)
    assert User.objects.get().email == "alice@example.com"
    again = factories.client("Ada Adams", email="Alice@example.com")
    assert send_invitation(again, by=None).linked


def test_s12_full_width_letters_are_the_same_address(practice):
    factories.user("Ana Abel")
    twin = factories.client("Anna Abel", email="ＡＮＡ@example.com")
    assert send_invitation(twin, by=None).linked


def test_double_click_makes_one_account_and_no_error(client, invitation):
    """The second click's request left before the first one's answer brought the session."""
    second = Browser()
    assert client.post(link(invitation), GOOD).url == "/"
    assert second.post(link(invitation), GOOD).url == "/"
    assert User.objects.count() == 1


def test_back_and_sending_again_leads_home(client, invitation):
    client.post(link(invitation), GOOD)
    assert client.post(link(invitation), GOOD).url == "/"
    assert User.objects.count() == 1


def test_somebody_elses_second_click_does_not_sign_in(client, invitation):
    Browser().post(link(invitation), GOOD)
    answer = client.post(link(invitation), {**GOOD, "password": "five wild white geese"})
    assert answer.status_code == 410
    assert "_auth_user_id" not in client.session


def test_sign_up_page_without_an_invitation(client, practice):
    for answer in (client.get("/account/signup/"), client.post("/account/signup/", {"email": "eve@example.com"})):
        assert "Only people invited by the practice have an account." in answer.text
        assert "Ask +1 212 555 0100." in answer.text
    assert not User.objects.exists()


# Tokens -------------------------------------------------------------------------------------------


def test_tokens_have_256_bits_and_the_database_holds_only_their_hash(invitation):
    assert len(bytes.fromhex(invitation.token)) * 8 == 256
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert invitation.token not in str(row)
    with connection.cursor() as cursor:
        cursor.execute("select text, html from accounts_outgoingmail")
        assert not any(invitation.token in body for body in cursor.fetchone())


def test_s9_sending_again_makes_a_new_token_and_kills_the_old_one(client, invitation):
    old = link(invitation)
    again = send_invitation(invitation.client, by=None).invitation
    assert again.pk == invitation.pk
    assert client.get(old).status_code == 404
    assert client.get(link(again)).status_code == 200


@pytest.mark.parametrize(("seconds", "usable"), [(1, True), (0, False), (-1, False)])
def test_s9_the_link_ends_at_its_second(invitation, seconds, usable):
    assert invitation.can_be_accepted_at(invitation.expires_at - timedelta(seconds=seconds)) is usable


def test_s11_opening_the_link_changes_nothing(client, invitation):
    before = Invitation.objects.values().get()
    for _ in range(20):
        client.get(link(invitation))
        client.head(link(invitation))
    assert Invitation.objects.values().get() == before
    assert client.post(link(invitation), GOOD).status_code == 302


def test_opened_is_told_by_somebody_typing(client, invitation):
    assert client.post(link(invitation, "join_opened")).status_code == 204
    invitation.refresh_from_db()
    assert invitation.status == Invitation.Status.OPENED
    assert invitation.opened_at


def test_s12_a_changed_address_kills_the_old_link(client, invitation):
    person = invitation.client
    person.email = "ally@example.com"
    assert save_client(person, by=None) == 1
    assert client.get(link(invitation)).status_code == 404


def test_s10_a_notice_goes_to_the_address_and_staff_see_from_where(client, invitation, run_jobs):
    client.post(link(invitation), GOOD, REMOTE_ADDR="192.0.2.7")
    assert OutgoingMail.objects.get(name="accounts/joined").to == "alice@example.com"
    invitation.refresh_from_db()
    assert invitation.accepted_from == "192.0.2.7"
    assert SecurityEvent.objects.filter(kind="joined", address="192.0.2.7").exists()


def test_s10_the_link_alone_shows_nothing_of_the_person(client, practice):
    timo = factories.client("Timo Gray", email="gina@example.com")
    page = client.get(link(send_invitation(timo, by=None, relationship="guardian").invitation))
    assert "Timo" not in page.text


# An address that has a login ----------------------------------------------------------------------


def test_inviting_an_address_that_has_a_login_links_it(practice, signed_in):
    gina = factories.user("Gina Gray")
    timo = factories.client("Timo Gray", email="gina@example.com")
    invited = send_invitation(timo, by=None, relationship="guardian")
    assert invited.linked
    assert invited.invitation.status == Invitation.Status.ACCEPTED
    assert Access.objects.get(user=gina, client=timo).relationship == "guardian"
    assert OutgoingMail.objects.get().name == "accounts/linked"


@pytest.fixture
def two_links(practice):
    """Gina was invited for Timo and for Lena before she had a login."""
    children = [factories.client(name, email="gina@example.com") for name in ("Timo Gray", "Lena Gray")]
    return [send_invitation(child, by=None, relationship="guardian").invitation for child in children]


def test_who_was_invited_for_two_people_signs_up_once(client, two_links):
    client.post(link(two_links[0]), GOOD)
    gina = User.objects.get()
    assert {access.client.name for access in gina.access.all()} == {"Timo Gray", "Lena Gray"}
    assert client.get(link(two_links[1])).url == "/"
    assert "You have already signed up." in Browser().get(link(two_links[1])).text


def test_both_links_in_two_tabs_make_one_login_and_no_error(client, two_links):
    tab, other_tab = Browser(), Browser()
    assert [one.post(link(each), GOOD).status_code for one, each in zip((tab, other_tab), two_links, strict=True)] == [
        302,
        302,
    ]
    assert User.objects.count() == 1


def test_a_new_link_for_an_address_with_a_login_links_it(client, two_links):
    expire(two_links[1])
    client.post(link(two_links[0]), GOOD)
    assert Access.objects.count() == 1
    Browser().post(link(two_links[1], "join_new_link"))
    assert Access.objects.filter(user=User.objects.get(), client=two_links[1].client).exists()


def test_an_address_that_came_to_a_login_in_another_way_is_no_error(client, invitation):
    factories.user("Alice Adams")
    answer = client.post(link(invitation), GOOD)
    assert answer.status_code == 422
    assert "This address has a login already." in answer.text
    assert not Access.objects.exists()


@pytest.mark.parametrize("case", ["staff", "closed", "joined"])
def test_s13_no_takeover_and_staff_are_told_why(practice, case):
    person = factories.client("Alice Adams")
    login = factories.user("Alice Adams", is_staff=case == "staff", is_active=case != "closed")
    if case == "joined":
        factories.access(login, person)
    with pytest.raises(CannotInvite, match="alice@example.com"):
        send_invitation(person, by=None)
    assert not Invitation.objects.exists()
    assert Access.objects.count() == (case == "joined")


# At the same instant ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_s8_twenty_people_accepting_at_once_make_one_account():
    factories.documents()
    factories.practice()
    url = link(send_invitation(factories.client("Alice Adams"), by=None).invitation)

    def accept(number):
        try:
            return Browser().post(url, {**GOOD, "password": f"{factories.PASSWORD} {number}"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(accept, range(20)))
    assert sorted(answers) == [302] + [410] * 19
    assert User.objects.count() == Access.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_s8_two_links_of_one_address_at_once_make_one_account():
    factories.documents()
    factories.practice()
    children = [factories.client(f"Child{number} Gray", email="gina@example.com") for number in range(8)]
    urls = [link(send_invitation(child, by=None, relationship="guardian").invitation) for child in children]

    def accept(url):
        try:
            return Browser().post(url, GOOD).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(accept, urls)) == {302}
    assert (User.objects.count(), Access.objects.count()) == (1, 8)
