"""The team: colleagues, their roles, and the second step that nobody of the staff works without."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils.timezone import now

from accounts.actions.factors import ask_factor_reset
from accounts.models import Access, FactorReset, OutgoingMail, Role, User
from tests import factories
from tests.accounts.test_staff_clients import press, record

NEW = {"name": "Nora New", "email": "nora@example.com", "time_zone": "UTC", "language": "en"}


def role(name):
    return str(Group.objects.get(name=name).pk)


@pytest.fixture
def olga(cast, signed_in):
    return signed_in(cast.olga)


def test_a_new_colleague_is_mailed_a_link_and_chooses_a_password(cast, olga, client):
    olga.post(reverse("admin:accounts_user_add"), {**NEW, "roles": [role("Scheduler")]})
    nora = User.objects.get(email="nora@example.com")
    assert nora.is_staff and not nora.is_superuser and not nora.has_usable_password()
    assert [group.name for group in nora.groups.all()] == ["Scheduler"]
    mail = OutgoingMail.objects.get(name="accounts/staff_welcome")
    link = re.search(r"https?://[^/\s]+(/\S+)", mail.text)[1]
    page = client.get(link, follow=True)
    password = "nine quiet blue kites"
    client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})
    assert User.objects.get(pk=nora.pk).check_password(password)


def test_a_colleague_cannot_be_made_of_a_clients_login(cast, olga):
    answer = olga.post(
        reverse("admin:accounts_user_add"), {**NEW, "email": "ALICE@example.com", "roles": [role("Owner")]}
    )
    assert "This address is taken." in answer.content.decode()
    assert not User.objects.get(email="alice@example.com").is_staff


def test_s3_a_forged_post_makes_no_superuser(cast, olga):
    url = reverse("admin:accounts_user_change", args=[cast.rhea.pk])
    forged = {
        "is_superuser": "on",
        "password": "x",
        "is_active": "",
        "user_permissions": ["1"],
        "email": "evil@example.com",
    }
    olga.post(url, {**NEW, "name": "Rhea Reed", "roles": [role("Scheduler")], **forged})
    rhea = User.objects.get(pk=cast.rhea.pk)
    assert (rhea.is_superuser, rhea.email, rhea.is_active) == (False, "rhea@example.com", True)
    assert rhea.check_password(factories.PASSWORD)


def test_clients_logins_are_no_page_of_the_team(cast, olga):
    assert olga.get(reverse("admin:accounts_user_change", args=[cast.alice.pk])).status_code == 404
    assert "alice@example.com" not in olga.get(reverse("admin:accounts_user_changelist")).content.decode()


def test_roles_take_effect_at_once_and_stand_in_the_history(cast, olga, signed_in):
    bill = signed_in(cast.bill)
    url = reverse("admin:accounts_user_change", args=[cast.bill.pk])
    olga.post(url, {**NEW, "name": "Bill Burns", "roles": [role("Scheduler")]})
    assert bill.get(reverse("admin:accounts_invitation_changelist")).status_code == 200
    page = olga.get(reverse("admin:accounts_user_history", args=[cast.bill.pk])).content.decode()
    assert "Biller" in page and "Scheduler" in page and "Olga Owens" in page


def test_the_last_owner_stays_owner(cast, olga):
    url = reverse("admin:accounts_user_change", args=[cast.olga.pk])
    answer = olga.post(url, {**NEW, "name": "Olga Owens", "roles": [role("Biller")]}, follow=True)
    assert "At least one person must stay owner." in answer.content.decode()
    assert cast.olga.groups.filter(name="Owner").exists()


def test_nobody_closes_their_own_login(cast, olga):
    press(olga, "user", cast.olga, "close")
    assert User.objects.get(pk=cast.olga.pk).is_active


def test_the_last_owner_is_not_closed_by_somebody_who_may_close_logins(cast, signed_in):
    may = [Permission.objects.get(codename=word) for word in ("view_user", "change_user")]
    Role.objects.get(name="Scheduler").permissions.add(*may)
    told, _answer = press(signed_in(cast.rhea), "user", cast.olga, "close")
    assert told == "At least one person must stay owner."
    assert User.objects.get(pk=cast.olga.pk).is_active


def test_what_one_may_not_do_one_cannot_give(cast, signed_in):
    keeper = Group.objects.create(name="Keeper")
    keeper.permissions.set(
        Group.objects.get(name="Owner").permissions.filter(codename__in=["view_user", "change_user"])
    )
    mark = factories.staff("Mark Moss", "Keeper")
    url = reverse("admin:accounts_user_change", args=[mark.pk])
    answer = signed_in(mark).post(
        url, {**NEW, "name": "Mark Moss", "roles": [role("Keeper"), role("Owner")]}, follow=True
    )
    assert "You can only give what you may do yourself." in answer.content.decode()
    assert not mark.groups.filter(name="Owner").exists()


def test_a_role_is_changed_and_the_change_is_on_record(cast, olga, signed_in):
    biller = Role.objects.get(name="Biller")
    grants = [*biller.permissions.values_list("pk", flat=True)]
    grants += (
        Group.objects.get(name="Owner").permissions.filter(codename="view_invitation").values_list("pk", flat=True)
    )
    olga.post(reverse("admin:accounts_role_change", args=[biller.pk]), {"grants": grants})
    assert signed_in(cast.bill).get(reverse("admin:accounts_invitation_changelist")).status_code == 200
    changes = olga.get(reverse("admin:accounts_role_history", args=[biller.pk])).context["changes"]
    assert any("invitation" in detail.new for change in changes for detail in change.details)


def test_owners_stay_able_to_give_roles(cast, olga):
    owner = Role.objects.get(name="Owner")
    answer = olga.post(reverse("admin:accounts_role_change", args=[owner.pk]), {"grants": []}, follow=True)
    assert "Owners must stay able to give roles." in answer.content.decode()
    assert owner.permissions.exists()


def test_the_list_shows_who_lacks_a_second_step(cast, olga):
    factories.staff("Nora New", "Intake", factor=False)
    listed = olga.get(reverse("admin:accounts_user_changelist"), {"factor": "none"})
    assert [user.name for user in listed.context["cl"].result_list] == ["Nora New"]
    assert "Missing" in listed.content.decode()


# S14: “I lost my phone” -----------------------------------------------------------------------------


REASON = {"reason": "Called back on the number we have."}


def test_s14_a_lost_second_step_takes_two_of_the_staff(cast, signed_in):
    factories.TOTP.activate(cast.alice, factories.TOTP_SECRET)
    access = Access.objects.get(user=cast.alice)
    rhea, olga = signed_in(cast.rhea), signed_in(cast.olga)
    _told, page = press(rhea, "access", access, "lost")
    assert "Two of the staff must agree" in page.content.decode()
    press(rhea, "access", access, "lost", **REASON)
    reset = FactorReset.objects.get()
    assert "Somebody else of the staff must confirm this." in rhea.get(record(cast.alice_client)).content.decode()
    press(rhea, "factorreset", reset, "confirm")
    assert factories.has_factor(cast.alice)
    told, _page = press(olga, "factorreset", reset, "confirm")
    assert told == "The second step of Alice Adams is removed. They can add a new one."
    assert not factories.has_factor(cast.alice)


def test_s14_without_a_reason_nothing_is_asked(cast, signed_in):
    factories.TOTP.activate(cast.alice, factories.TOTP_SECRET)
    _told, page = press(signed_in(cast.rhea), "access", Access.objects.get(user=cast.alice), "lost", reason=" ")
    assert page.status_code == 422
    assert not FactorReset.objects.exists()


def test_s14_the_front_desk_cannot_settle_the_owners_second_step(cast, signed_in):
    mark = factories.staff("Mark Moss", "Owner")
    reset = ask_factor_reset(cast.olga, by=mark, reason="Phone fell into the river.")
    _told, answer = press(signed_in(cast.rhea), "factorreset", reset, "confirm")
    assert answer.status_code == 404
    assert Authenticator.objects.filter(user=cast.olga).exists()


def test_s14_an_old_request_is_not_confirmed(cast, signed_in):
    factories.TOTP.activate(cast.alice, factories.TOTP_SECRET)
    reset = ask_factor_reset(cast.alice, by=cast.rhea, reason="Phone lost.")
    FactorReset.objects.filter(pk=reset.pk).update(asked_at=now() - FactorReset.GOOD_FOR)
    told, _answer = press(signed_in(cast.olga), "factorreset", reset, "confirm")
    assert "more than a day old" in told
    assert factories.has_factor(cast.alice)
