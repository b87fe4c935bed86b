"""What the ground floor hears of allauth and of itself."""

import time
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import lifetime
from accounts.actions import clients, invitations, kept_forms, own_login, sessions, signing_in, throttle
from accounts.adapter import BY_ACCOUNT
from accounts.models import Client, OutgoingMail, ProfileChange, SecurityEvent, User
from accounts.signals import change_applied, mail_undeliverable, sessions_ended


@receiver(mail_undeliverable, sender=OutgoingMail)
def invitation_did_not_arrive(mail: OutgoingMail, **_: Any) -> None:
    if mail.name == "accounts/invitation":
        invitations.mail_came_back(mail)


@receiver(change_applied, sender=ProfileChange)
def name_was_taken_over(change: ProfileChange, row: Client, **_: Any) -> None:
    if change.field == "name":
        clients.rename_login(row)


@receiver(sessions_ended, sender=User)
def end_them(user: User, keep: str | None, **_: Any) -> None:
    sessions.end_sessions(user, by=None, keep=keep)


def _where(request: HttpRequest) -> dict[str, str]:
    adapter = get_adapter()
    return {"address": adapter.get_client_ip(request), "device": adapter.get_http_user_agent(request)}


@receiver(user_logged_in)
def session_begins(request: HttpRequest, user: User, **_: Any) -> None:
    lifetime.begin(request.session, time.time())
    request.session[kept_forms.PAGES] = list(user.kept_forms.values_list("path", flat=True))


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    signing_in.note_sign_in(by=user, **_where(request))


@receiver([account.password_changed, account.password_set])
def password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    own_login.note_new_password(by=user, keep=request.session.session_key, **_where(request))


@receiver(account.password_reset)
def password_reset(request: HttpRequest, user: User, **_: Any) -> None:
    own_login.note_new_password(by=user, keep=None, **_where(request))
    throttle.forget(BY_ACCOUNT, user.email)


@receiver(account.email_changed)
def email_changed(request: HttpRequest, user: User, from_email_address: Any, **_: Any) -> None:
    # Without an old address it was the first one that was confirmed.
    if from_email_address:
        own_login.note_new_email(by=user, **_where(request))


@receiver(mfa.authentication_failed)
def second_step_failed(request: HttpRequest, user: User, **_: Any) -> None:
    where = _where(request)
    signing_in.note_failure(email=user.email, address=where["address"], device=where["device"])


@receiver(mfa.authenticator_added)
def factor_added(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    own_login.note_factor(SecurityEvent.Kind.FACTOR_ADDED, by=user, what=authenticator.type, **_where(request))


@receiver(mfa.authenticator_removed)
def factor_removed(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    own_login.note_factor(SecurityEvent.Kind.FACTOR_REMOVED, by=user, what=authenticator.type, **_where(request))
