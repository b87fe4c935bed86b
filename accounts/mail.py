"""One call writes a mail: three templates rendered into a row, and a job that sends it.

`templates/<app>/email/<name>.subject.txt`, `.txt` and `.html`. Neutral words only: mails hold no
health content.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts import jobs
from accounts.models import Client, OutgoingMail, Practice, User
from accounts.ownership import Area


def write(
    name: str,
    *,
    to: str,
    user: User | None = None,
    client: Client | None = None,
    language: str = "",
    time_zone: str = "",
    rehearsal: bool = False,
    **context: Any,
) -> OutgoingMail:
    """Write the mail `name` (as in `accounts/invitation`) to one address, in the reader's language and zone.

    A `rehearsal` does all the work and takes it back: nobody gets a mail, and the time that the answer
    takes does not tell whether somebody did.
    """
    reader = user or client
    practice = Practice.current()
    words = {**context, "user": user, "practice": practice, "portal_url": settings.PORTAL_URL}
    language = language or (reader.language if reader else settings.LANGUAGE_CODE)
    zone = ZoneInfo(time_zone or (reader.time_zone if reader else practice.time_zone))
    with translation.override(language), timezone.override(zone):
        title, text, html = (render_to_string(_template(name, part), words) for part in ("subject.txt", "txt", "html"))
    # A line break in a subject would be a header of its own.
    subject = " ".join(title.split())[:200]
    with transaction.atomic():
        mail = OutgoingMail.objects.create(
            name=name, to=to, user=user, client=client, subject=subject, text=text.strip(), html=html
        )
        jobs.defer("accounts.send_mail", mail_id=mail.pk)
        if rehearsal:
            transaction.set_rollback(True)
    return mail


def write_to_client(name: str, *, client: Client, area: Area, **context: Any) -> list[OutgoingMail]:
    """Write the mail to every login that has this right to the client and has not muted its area. Of an archived
    client nobody hears: there is nothing that they could open."""
    sees = Q(access__withdrawn_at=None, access__areas__contains=[area])
    reached = Q(access__client=client, access__client__archived_at=None) & sees
    logins = User.objects.filter(reached, is_active=True).exclude(muted__contains=[area]).order_by("email").distinct()
    told = [(user, _person(user, client, area)) for user in logins]
    return [write(name, to=user.email, user=user, client=client, person=who, **context) for user, who in told]


def _person(user: User, client: Client, area: Area) -> str:
    return client.first_name if Client.objects.visible_to(user, area).count() > 1 else ""


def _template(name: str, part: str) -> str:
    app, word = name.split("/")
    return f"{app}/email/{word}.{part}"
