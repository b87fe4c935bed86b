"""Sessions end: by log-out, a new password, staff, or their owner on another device."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.actions import traces
from accounts.live import announce, user_group
from accounts.models import SecurityEvent, User

NOTE_EVERY = timedelta(minutes=5)


@transaction.atomic
def note_use(session_key: str, *, by: User, address: str | None) -> None:
    """Note in a login's list of sessions that this one is in use, at most every five minutes."""
    now = timezone.now()
    stale = UserSession.objects.filter(user=by, session_key=session_key, last_seen_at__lt=now - NOTE_EVERY)
    stale.update(last_seen_at=now, ip=address)


@transaction.atomic
def close_session(session_key: str | None, *, by: User, why: str, address: str | None, device: str = "") -> None:
    """End the session that its owner leaves, on the server and with its sockets; `why` is a SecurityEvent.Kind."""
    Session.objects.filter(session_key=session_key).delete()
    UserSession.objects.filter(session_key=session_key, user=by).delete()
    traces.note(why, by=by, address=address, device=device)
    announce(user_group(by.pk), type="session.ended")


@transaction.atomic
def end_session(session: UserSession, *, by: User) -> None:
    """End one of one's own sessions, and its sockets. Somebody else's is not found."""
    session = UserSession.objects.select_for_update().get(pk=session.pk, user=by)
    session.end()
    traces.note(SecurityEvent.Kind.SESSION_ENDED, by=by, address=session.ip, device=session.user_agent)
    announce(user_group(by.pk), type="session.ended")


@transaction.atomic
def end_sessions(user: User, *, by: User | None, keep: str | None = None) -> int:
    """End all sessions of a login but the one with key `keep`; returns how many."""
    ended = list(UserSession.objects.select_for_update().filter(user=user).exclude(session_key=keep or ""))
    for session in ended:
        session.end()
    announce(user_group(user.pk), type="session.ended")
    return len(ended)
