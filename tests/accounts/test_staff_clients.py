"""Reception's work: finding a client, opening the record, inviting, giving access."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.invitations import CannotInvite, accept_invitation, revoke_invitation, send_invitation
from accounts.models import Access, CareTeamMember, Client, Invitation, OutgoingMail, RecordView, User
from tests import factories

LIST = "admin:accounts_client_changelist"


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


def record(client):
    return reverse("admin:record", args=[client.pk])


def press(browser, kind, row, word, **data):
    """Press a button, and hear what the next page says."""
    answer = browser.post(reverse(f"admin:accounts_{kind}_do", args=[row.pk, word]), data)
    return " ".join(str(message) for message in get_messages(answer.wsgi_request)), answer


def names(answer):
    return [client.name for client in answer.context["cl"].result_list]


def expired(invitation):
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=1))
    return invitation


def test_the_list_leads_to_the_record_and_not_to_a_form(cast, rhea):
    assert f'href="{record(cast.bob_client)}"' in rhea.get(reverse(LIST)).text


def token_of(page, url):
    """The token in the form that posts to an address, as it was drawn."""
    return re.search(rf'action="{re.escape(url)}".*?name="csrfmiddlewaretoken" value="(\w+)"', page, re.DOTALL)[1]


def test_a_button_that_is_pressed_twice_does_its_work_once(cast):
    """Two clicks, or a retry of the browser, send the same drawn form; drawn anew it is another press."""
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.rhea)
    invitation = send_invitation(factories.client("Carl Cole"), by=None).invitation
    again = reverse("admin:accounts_invitation_do", args=[invitation.pk, "again"])
    for mails in (2, 3):
        token = token_of(browser.get(record(invitation.client)).text, again)
        assert [browser.post(again, {"csrfmiddlewaretoken": token}).status_code for _ in range(3)] == [302] * 3
        assert OutgoingMail.objects.filter(name="accounts/invitation").count() == mails


def test_nobody_is_invited_to_answer_what_the_practice_does_not_know(cast):
    factories.practice(asks_birth_date=True)
    nils = factories.client("Nils Noon", birth_date=None)
    with pytest.raises(CannotInvite, match="birth date"):
        send_invitation(nils, by=cast.rhea)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("born", ["2099-01-01", "0001-01-01", "9999-12-31"])
def test_a_birth_date_that_cannot_be_is_an_error_beside_it(cast, rhea, born):
    facts = {"name": "Nia Noon", "birth_date": born, "time_zone": "UTC", "language": "en"}
    answer = rhea.post(reverse("admin:accounts_client_add"), facts)
    assert answer.context["adminform"].form.errors["birth_date"]


# Finding somebody -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["BOB", "own", "brown bob", "bob@exam", "555 0142", "+1 (212) 555-0142", "2125550142"]
)
def test_a_person_is_found_by_any_part_of_name_address_or_phone(cast, rhea, words):
    bob = cast.bob_client
    bob.phone = "+1 (212) 555-0142"
    bob.save()
    assert names(rhea.get(reverse(LIST), {"q": words})) == ["Bob Brown"]


def test_nobody_found_says_what_to_try(cast, rhea):
    assert "Try fewer words" in rhea.get(reverse(LIST), {"q": "zzz"}).content.decode()


def test_the_list_says_where_each_client_stands(cast, rhea):
    send_invitation(factories.client("Sent Sam"), by=cast.rhea)
    expired(send_invitation(factories.client("Late Lou"), by=cast.rhea).invitation)
    lost = send_invitation(factories.client("Lost Liv"), by=cast.rhea).invitation
    Invitation.objects.filter(pk=lost.pk).update(status="undeliverable")
    factories.client("New Nia")
    page = rhea.get(reverse(LIST)).content.decode()
    rows = {row.split("</span>")[0]: row for row in page.split('<span class="name">')[1:]}
    states = {"Sent Sam": "Sent", "Late Lou": "Expired", "Lost Liv": "Not delivered", "New Nia": "Not invited"}
    for name, state in {**states, "Alice Adams": "Joined"}.items():
        assert f">{state}</span>" in rows[name], name
    assert "Dana Diaz" in rows["Alice Adams"]
    filters = {"none": ["New Nia"], "waiting": ["Sent Sam"], "trouble": ["Late Lou", "Lost Liv"],
               "joined": ["Alice Adams", "Bob Brown", "Lena Gray", "Timo Gray"]}  # fmt: skip
    for key, found in filters.items():
        assert names(rhea.get(reverse(LIST), {"portal": key})) == found
    assert names(rhea.get(reverse(LIST), {"provider": cast.dana_provider.pk})) == ["Alice Adams"]


def test_the_list_asks_the_database_as_often_for_thirty_as_for_one(practice, signed_in):
    olga, provider = factories.staff("Olga Owens", "Owner"), factories.provider(credentials="RD")
    browser = signed_in(olga)

    def more(count, start):
        for n in range(start, start + count):
            client = factories.client(f"N{n} Name", email=f"n{n}@example.com")
            factories.assigned(client, provider)
            send_invitation(client, by=None)
            factories.access(factories.user(f"U{n} User"), client)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(reverse(LIST)).status_code == 200
        return len(seen)

    more(1, 0)
    browser.get(reverse(LIST))
    one = queries()
    more(29, 1)
    assert queries() == one


def test_a_list_of_many_counts_once(cast, rhea):
    with CaptureQueriesContext(connection) as seen:
        rhea.get(reverse(LIST), {"q": "gray"})
    assert sum("COUNT(" in query["sql"] for query in seen) <= 1


# The record -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["record", "as_client", "accounts_client_change", "accounts_client_history"])
def test_opening_a_record_leaves_a_trace(cast, signed_in, url):
    assert signed_in(cast.olga).get(reverse(f"admin:{url}", args=[cast.bob_client.pk])).status_code == 200
    view = RecordView.objects.get()
    assert (view.client, view.user, view.address) == (cast.bob_client, cast.olga, "127.0.0.1")


def test_the_record_tells_who_has_access_with_which_rights(cast, rhea):
    factories.access(factories.user("Paul Gray"), cast.timo, "guardian", areas=["appointments"])
    page = rhea.get(record(cast.timo)).content.decode()
    assert "May use: Appointments" in page
    assert "Gina Gray" in page
    assert "parent or guardian" in page


def test_a_record_takes_as_many_questions_however_much_is_in_it(cast, rhea):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            rhea.get(record(cast.timo))
        return len(seen)

    send_invitation(cast.timo, by=cast.rhea, email="first@example.com", relationship="carer")
    factories.assigned(cast.timo, factories.provider(name="First"))
    rhea.get(record(cast.timo))
    few = queries()
    for n in range(8):
        send_invitation(cast.timo, by=cast.rhea, email=f"more{n}@example.com", relationship="carer")
        factories.access(factories.user(f"More{n} Gray"), cast.timo, "carer")
        factories.assigned(cast.timo, factories.provider(name=f"More {n}"))
    assert queries() == few


NEW = {"name": "Carl Cole", "email": "carl@example.com", "time_zone": "America/New_York", "language": "en"}


def test_a_new_client_is_one_form_and_lands_on_the_record(cast, rhea):
    answer = rhea.post(reverse("admin:accounts_client_add"), NEW)
    assert answer.url == record(Client.objects.get(name="Carl Cole"))


def test_a_new_client_gets_a_provider_in_the_same_form(cast, rhea):
    rhea.post(reverse("admin:accounts_client_add"), {**NEW, "provider": cast.dana_provider.pk})
    assert Client.objects.visible_to(cast.dana).filter(name="Carl Cole").exists()


def test_who_may_not_assign_is_not_asked_for_a_provider(cast, signed_in):
    intake, add = signed_in(factories.staff("Ines Ito", "Intake")), reverse("admin:accounts_client_add")
    assert 'name="provider"' not in intake.get(add).text
    intake.post(add, {**NEW, "provider": cast.dana_provider.pk})
    assert not Client.objects.filter(name="Carl Cole").exists()


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 201, "Eve\u202egnp"])
def test_a_name_that_cannot_be_is_an_error_beside_its_field(cast, rhea, name):
    answer = rhea.post(reverse("admin:accounts_client_add"), {**NEW, "name": name})
    assert "name" in answer.context["adminform"].form.errors
    assert not Client.objects.filter(email="carl@example.com").exists()


def test_a_form_sent_twice_makes_one_client_and_another_form_another(cast, rhea):
    url = reverse("admin:accounts_client_add")
    forms = [{**NEW, "csrfmiddlewaretoken": token} for token in ("shown first", "shown first", "shown later")]
    answers = [rhea.post(url, form) for form in forms]
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert Client.objects.filter(name=NEW["name"]).count() == 2


def test_s12_a_corrected_address_kills_the_old_link_and_says_so(cast, rhea):
    client = factories.client("Carl Cole", email="cral@example.com")
    invitation = send_invitation(client, by=cast.rhea).invitation
    answer = rhea.post(reverse("admin:accounts_client_change", args=[client.pk]), NEW, follow=True)
    assert "does not work any more" in answer.content.decode()
    invitation.refresh_from_db()
    assert invitation.status == Invitation.Status.REVOKED


def test_the_history_tells_who_changed_what_from_where(cast, rhea):
    rhea.post(reverse("admin:accounts_client_change", args=[cast.bob_client.pk]), {**NEW, "name": "Robert Brown"})
    page = rhea.get(reverse("admin:accounts_client_history", args=[cast.bob_client.pk]))
    change = page.context["changes"][0]
    assert (change.verb, change.who, change.address) == ("Changed", "Rhea Reed", "127.0.0.1")
    assert ("Name", "Bob Brown", "Robert Brown") in [(d.label, d.old, d.new) for d in change.details]
    assert "Nobody can edit" in page.content.decode()


def test_the_history_remembers_who_was_taken_off_the_care_team(cast, rhea):
    press(rhea, "careteammember", CareTeamMember.objects.get(), "remove")
    changes = rhea.get(reverse("admin:accounts_client_history", args=[cast.alice_client.pk])).context["changes"]
    removed = next(change for change in changes if change.verb == "Removed")
    assert (removed.who, removed.details[0].new) == ("Rhea Reed", "Dana Diaz, RD")


def test_archived_is_put_away_and_taken_out_again(cast, rhea):
    press(rhea, "client", cast.bob_client, "archive")
    assert "Bob Brown" not in names(rhea.get(reverse(LIST)))
    assert names(rhea.get(reverse(LIST), {"record": "archived"})) == ["Bob Brown"]
    assert not Client.objects.visible_to(cast.bob).exists()
    press(rhea, "client", cast.bob_client, "restore")
    assert "Bob Brown" in names(rhea.get(reverse(LIST)))


# Inviting ---------------------------------------------------------------------------------------


def test_one_press_invites_and_the_record_says_so(cast, rhea):
    client = factories.client("Carl Cole")
    assert "Send invitation" in rhea.get(record(client)).content.decode()
    told, answer = press(rhea, "client", client, "send_invitation", next=record(client))
    assert told == "The invitation is on its way to carl@example.com."
    page = rhea.get(answer.url).content.decode()
    assert all(word in page for word in ("Send again", "Copy link", "Revoke", "expires"))
    assert client.invitations.get().sent_by == cast.rhea


def test_a_client_without_an_address_is_refused_in_words(cast, rhea):
    told, _answer = press(rhea, "client", factories.client("Carl Cole", email=""), "send_invitation")
    assert told == "Please add an e-mail address first."


def test_many_are_invited_at_once_and_each_outcome_is_told(cast, rhea):
    new = [factories.client(name) for name in ("Carl Cole", "Dora Dell")]
    linked = factories.client("Bobby Brown", email=cast.bob.email)
    chosen = [str(client.pk) for client in (*new, linked, cast.alice_client)]
    data = {"action": "send_to_chosen", "index": "0", "select_across": "0", "_selected_action": chosen}
    answer = rhea.post(reverse(LIST), data, follow=True)
    told = " ".join(str(message) for message in answer.context["messages"])
    assert "2 invitations on their way." in told
    assert "1 linked to a login" in told
    assert "Alice Adams: alice@example.com has joined already." in told


def test_one_without_an_address_among_many_stops_nobody_else(cast, rhea):
    clients = [factories.client("Carl Cole"), factories.client("Nils Noon", email=""), factories.client("Zoe Zinn")]
    data = {"action": "send_to_chosen", "index": "0", "_selected_action": [str(client.pk) for client in clients]}
    answer = rhea.post(reverse(LIST), data, follow=True)
    told = " ".join(str(message) for message in answer.context["messages"])
    assert "2 invitations on their way." in told
    assert "Nils Noon: Please add an e-mail address first." in told


def test_an_address_that_is_too_long_is_an_error_beside_its_field(cast, rhea):
    url = reverse("admin:accounts_client_invite", args=[cast.bob_client.pk])
    answer = rhea.post(url, {"email": f"{'a' * 300}@example.com", "relationship": "carer", "areas": ["forms"]})
    assert answer.status_code == 422 and answer.context["form"].errors["email"]


@pytest.mark.parametrize("key", ["abc", "9" * 50])
def test_a_forged_choice_of_rows_is_refused(cast, rhea, key):
    data = {"action": "send_to_chosen", "index": "0", "_selected_action": [str(cast.bob_client.pk), key]}
    assert rhea.post(reverse(LIST), data).status_code == 400
    assert not Invitation.objects.exists()


def test_nobody_chosen_is_said(cast, rhea):
    data = {"action": "send_to_chosen", "index": "0", "select_across": "0"}
    answer = rhea.post(reverse(LIST), data, follow=True)
    assert "must be selected" in answer.content.decode()


def test_too_many_at_once_are_refused_before_any_is_sent(cast, rhea):
    for n in range(201):
        factories.client(f"N{n} Name", email=f"n{n}@example.com")
    data = {"action": "send_to_chosen", "index": "0", "select_across": "1", "_selected_action": ["x"]}
    rhea.post(reverse(LIST), {**data, "_selected_action": [str(cast.bob_client.pk)]})
    assert not Invitation.objects.exists()


def test_a_second_parent_is_invited_with_chosen_rights(cast, rhea):
    form = {"email": "paul@example.com", "relationship": "guardian", "areas": ["appointments", "forms"]}
    answer = rhea.post(reverse("admin:accounts_client_invite", args=[cast.timo.pk]), form)
    assert answer.url == record(cast.timo)
    invitation = cast.timo.invitations.get()
    login = accept_invitation(invitation, password=factories.PASSWORD)
    assert (Access.objects.get(user=login).areas, Access.objects.get(user=login).relationship) == (
        ["appointments", "forms"],
        "guardian",
    )


def test_s13_a_login_that_exists_is_linked_and_that_is_said(cast, rhea):
    form = {"email": cast.bob.email, "relationship": "partner", "areas": ["messages"]}
    answer = rhea.post(reverse("admin:accounts_client_invite", args=[cast.alice_client.pk]), form, follow=True)
    assert "bob@example.com has a login already. It can see Alice Adams now" in answer.content.decode()
    assert Access.objects.filter(user=cast.bob, client=cast.alice_client, relationship="partner").exists()


def test_s13_a_staff_address_is_refused_with_words_and_nothing_typed_is_lost(cast, rhea):
    form = {"email": cast.dana.email, "relationship": "carer", "areas": ["messages"]}
    answer = rhea.post(reverse("admin:accounts_client_invite", args=[cast.alice_client.pk]), form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "dana@example.com is a staff login. Please use a private address." in page
    assert 'value="dana@example.com"' in page
    assert not Access.objects.filter(user=cast.dana).exists()


def test_sending_again_makes_a_fresh_link(cast, rhea):
    invitation = expired(send_invitation(factories.client("Carl Cole"), by=cast.rhea).invitation)
    old = invitation.token
    press(rhea, "invitation", invitation, "again")
    invitation.refresh_from_db()
    assert invitation.token != old
    assert invitation.can_be_accepted_at(timezone.now())


def test_the_link_is_shown_to_be_copied_and_the_look_is_noted(cast, rhea):
    invitation = send_invitation(factories.client("Carl Cole"), by=cast.rhea).invitation
    _told, answer = press(rhea, "invitation", invitation, "link")
    assert settings.PORTAL_URL + reverse("accounts:join", args=[invitation.token]) in answer.content.decode()
    assert RecordView.objects.filter(client=invitation.client, page="invitation link").exists()


def test_a_dead_link_is_not_handed_out(cast, rhea):
    invitation = expired(send_invitation(factories.client("Carl Cole"), by=cast.rhea).invitation)
    told, _answer = press(rhea, "invitation", invitation, "link")
    assert "Please send the invitation again" in told


def test_somebody_with_a_login_is_linked_though_an_earlier_invitation_was_revoked(cast, rhea):
    other = factories.client("Bobby Brown", email="new@example.com")
    revoke_invitation(send_invitation(other, by=cast.rhea).invitation, by=cast.rhea)
    factories.access(factories.user("Bobby Brown", "new@example.com"), cast.bob_client)
    told, _answer = press(rhea, "client", other, "send_invitation")
    assert "has a login already" in told


def test_revoked_means_revoked_and_cannot_undo_a_joining(cast, rhea):
    invitation = send_invitation(factories.client("Carl Cole"), by=cast.rhea).invitation
    press(rhea, "invitation", invitation, "revoke")
    invitation.refresh_from_db()
    assert invitation.status == Invitation.Status.REVOKED
    other = send_invitation(factories.client("Dora Dell"), by=cast.rhea).invitation
    accept_invitation(other, password=factories.PASSWORD)
    told, _answer = press(rhea, "invitation", other, "revoke")
    assert "cannot be done any more" in told


def test_the_list_of_invitations_sends_many_again(cast, rhea):
    chosen = [
        expired(send_invitation(factories.client(n), by=cast.rhea).invitation) for n in ("Carl Cole", "Dora Dell")
    ]
    data = {
        "action": "send_chosen_again",
        "index": "0",
        "select_across": "0",
        "_selected_action": [str(i.pk) for i in chosen],
    }
    answer = rhea.post(reverse("admin:accounts_invitation_changelist") + "?state=trouble", data, follow=True)
    assert "2 invitations on their way." in answer.content.decode()
    assert not Invitation.objects.in_trouble(timezone.now()).exists()


def test_the_way_back_from_a_button_stays_on_this_host(cast, rhea):
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        _told, answer = press(rhea, "client", cast.bob_client, "restore", next=evil)
        assert answer.url == record(cast.bob_client)


# Access, logins, care team ------------------------------------------------------------------------


def test_rights_are_changed_and_hold_at_once(cast, rhea):
    access = Access.objects.get(user=cast.gina, client=cast.timo)
    form = {"relationship": "carer", "areas": ["messages"]}
    rhea.post(reverse("admin:accounts_access_change", args=[access.pk]), form)
    access.refresh_from_db()
    assert (access.relationship, access.areas) == ("carer", ["messages"])


def test_an_access_cannot_be_moved_to_another_client_by_a_forged_post(cast, rhea):
    access = Access.objects.get(user=cast.gina, client=cast.timo)
    form = {"relationship": "self", "areas": ["profile"], "client": cast.bob_client.pk, "user": cast.bob.pk}
    rhea.post(reverse("admin:accounts_access_change", args=[access.pk]), form)
    access.refresh_from_db()
    assert (access.client, access.user) == (cast.timo, cast.gina)


def test_access_withdrawn_is_gone_from_the_record_and_for_the_login(cast, rhea):
    press(rhea, "access", Access.objects.get(user=cast.gina, client=cast.timo), "withdraw")
    assert list(Client.objects.visible_to(cast.gina)) == [cast.lena]
    blocks = [entry for column in rhea.get(record(cast.timo)).context["columns"] for entry in column]
    (access,) = [entry["block"] for entry in blocks if entry["template"] == "admin/record/access.html"]
    assert access["rows"] == []


def test_a_login_is_closed_and_opened_again(cast, rhea):
    access = Access.objects.get(user=cast.bob)
    press(rhea, "access", access, "close")
    assert not User.objects.get(pk=cast.bob.pk).is_active
    assert "Login closed" in rhea.get(record(cast.bob_client)).content.decode()
    press(rhea, "access", access, "open")
    assert User.objects.get(pk=cast.bob.pk).is_active


def test_the_care_team_grows_and_shrinks_on_the_record(cast, rhea):
    elena = factories.provider(name="Elena Engel")
    press(rhea, "client", cast.bob_client, "assign", provider=elena.pk)
    member = CareTeamMember.objects.get(client=cast.bob_client)
    assert member.provider == elena
    press(rhea, "careteammember", member, "remove")
    assert not CareTeamMember.objects.filter(client=cast.bob_client).exists()


def test_a_provider_who_left_cannot_be_assigned_by_a_forged_post(cast, rhea):
    gone = factories.provider(name="Gone Gus", is_active=False)
    told, _answer = press(rhea, "client", cast.bob_client, "assign", provider=gone.pk)
    assert told == "Please choose a provider from the list."
