"""Plain functions that make rows, with sensible values for whatever a test does not care about."""

from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.actions.access import give_access
from accounts.models import CareTeamMember, Client, LegalDocument, Practice, Provider, User
from accounts.ownership import Area

PASSWORD = "four calm grey herons"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def practice(**fields):
    known = {
        "name": "Linden Practice",
        "phone": "+1 212 555 0100",
        "time_zone": "America/New_York",
        "address": "12 Linden Street\nNew York, NY 10001",
        **fields,
    }
    return Practice.objects.update_or_create(pk=1, defaults=known)[0]


def documents():
    now = timezone.now()
    return [
        LegalDocument.objects.get_or_create(
            kind=kind, version=1, defaults={"text": f"The {kind}.", "published_at": now}
        )[0]
        for kind in LegalDocument.Kind.values
    ]


def user(name="Alice Adams", email="", **fields):
    email = email or f"{name.split()[0].lower()}@example.com"
    made = User.objects.create_user(email, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def staff(name, *roles, factor=True, **fields):
    """A staff login in its roles; with `factor`, an authenticator app is set up."""
    made = user(name, is_staff=True, **fields)
    made.groups.set(Group.objects.filter(name__in=roles))
    assert made.groups.count() == len(roles), f"no such role among {roles}"
    if factor:
        TOTP.activate(made, TOTP_SECRET)
    return made


def client(name="Alice Adams", **fields):
    known = {"email": f"{name.split()[0].lower()}@example.com", "birth_date": date(1990, 5, 17), **fields}
    return Client.objects.create(name=name, **known)


def access(login, person, relationship="self", areas=Area.values):
    return give_access(login, person, by=None, relationship=relationship, areas=areas, asked=True)


def provider(login=None, **fields):
    return Provider.objects.create(user=login, **{"name": login.name if login else "Dana Diaz", **fields})


def assigned(person, treats):
    return CareTeamMember.objects.get_or_create(client=person, provider=treats)[0]


def has_factor(login):
    return Authenticator.objects.filter(user=login).exists()
