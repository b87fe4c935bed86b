"""Appointments in one's own calendar: the file of one, the feed of all, and the page where that is arranged."""

from datetime import timedelta
from email.utils import parseaddr
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from accounts.actions.throttle import Limit, TooMany, attempt
from accounts.models import Client, User
from accounts.ownership import Area
from appointments import feeds
from appointments import ics as files
from appointments.actions import feeds as verbs
from appointments.actions.preferences import set_reminders
from appointments.entries import entries_of, entry_of
from appointments.forms.calendar import DetailsForm, RemindersForm
from appointments.models import CalendarFeed, Preferences
from appointments.views.whose import appointment_of, people_of

# How often calendars are told to ask; whole answers are for those that cannot say what they know already.
REFRESH = timedelta(hours=1)
WHOLE_ANSWERS = Limit("calendar-feed", most=30, window=timedelta(minutes=1))
READS = ("GET", "HEAD")


def login_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def feed_of(request: HttpRequest) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=login_of(request)).first()


# One appointment -------------------------------------------------------------------------------


def _file(entry: files.Entry) -> bytes:
    """The entry in the reader's zone; of one that was cancelled, the message that takes it back."""
    sender = parseaddr(settings.MAIL_FROM)[1]
    cancels = files.Cancels(f"mailto:{sender}", timezone.now()) if entry.is_cancelled else None
    return files.calendar([entry], zone=timezone.get_current_timezone_name(), cancels=cancels)


def ics(request: HttpRequest, pk: UUID) -> HttpResponse:
    row, own = appointment_of(request, pk), feed_of(request)
    if request.method not in READS:
        return HttpResponseNotAllowed(READS)
    details = own is not None and own.shows_details
    entry = entry_of(row, shows_details=details, shows_names=feeds.names_are_needed(login_of(request)))
    answer = HttpResponse(_file(entry), content_type=files.CONTENT_TYPE)
    # Lists of downloads are seen by others: the name says no more than that.
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


# All of them, for a program --------------------------------------------------------------------


@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the token reads; wrong, old and revoked ones, and those of closed logins, are the same 404."""
    row = feeds.find(token)
    if row is None:
        raise Http404
    if request.method not in READS:
        return HttpResponseNotAllowed(READS)
    # Kept by the program that asks and by nobody between, and asked for again each time.
    headers = {"ETag": feeds.etag(row), "Cache-Control": "private, no-cache", "Content-Language": row.user.language}
    answer = HttpResponse(content_type=files.CONTENT_TYPE, headers=headers)
    known = get_conditional_response(request, etag=headers["ETag"], response=answer)
    return _whole(row, answer) if known is answer else cast(HttpResponse, known)


def _whole(row: CalendarFeed, answer: HttpResponse) -> HttpResponse:
    try:
        attempt(WHOLE_ANSWERS, str(row.pk))
    except TooMany as refusal:
        return HttpResponse(status=429, content_type="text/plain", headers={"Retry-After": str(refusal.seconds)})
    answer.content = _everything(row)
    return answer


def _everything(row: CalendarFeed) -> bytes:
    """In the language and zone of the login that it is for: nobody is signed in here."""
    user = row.user
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        rows, names = feeds.appointments_of(user, timezone.now()), feeds.names_are_needed(user)
        entries = entries_of(rows, shows_details=row.shows_details, shows_names=names)
        return files.calendar(entries, zone=user.time_zone, name=_("Appointments"), refresh=REFRESH)


# Where it is arranged --------------------------------------------------------------------------


def calendar(request: HttpRequest) -> HttpResponse:
    people = people_of(request)
    details = DetailsForm(_sent(request, "details"), initial={"shows": _shows(feed_of(request))})
    reminders = RemindersForm(_sent(request, "reminders"), people=people, on=_reminded(request, people))
    if request.method == "POST":
        return _pressed(request, details, reminders)
    return _page(request, details, reminders)


def _sent(request: HttpRequest, what: str) -> dict[str, str] | None:
    return request.POST if request.method == "POST" and request.POST.get("do") == what else None


def _pressed(request: HttpRequest, details: DetailsForm, reminders: RemindersForm) -> HttpResponse:
    word = request.POST.get("do")
    if word == "new":
        return _new_address(request, details, reminders)
    if word == "revoke":
        verbs.revoke(by=login_of(request))
        messages.success(request, _("The address is off. Calendars that used it get nothing more."))
    elif word == "details" and details.is_valid():
        verbs.show_details(details.cleaned_data["shows"] == "details", by=login_of(request))
        messages.success(request, _("Saved."))
    elif word == "reminders" and reminders.is_valid():
        for person, is_on in reminders.changed:
            set_reminders(person, is_on, by=login_of(request))
        messages.success(request, _("Saved."))
    elif word in {"details", "reminders"}:
        return _page(request, details, reminders, status=422)
    else:
        raise BadRequest
    return redirect("appointments:calendar")


def _new_address(request: HttpRequest, details: DetailsForm, reminders: RemindersForm) -> HttpResponse:
    """Told in this answer and never again: nothing that could be read later holds it."""
    token = verbs.make_address(by=login_of(request))
    address = settings.PORTAL_URL + reverse("appointments:feed", args=[token])
    return _page(request, details, reminders, status=201, address=address)


def _page(
    request: HttpRequest, details: DetailsForm, reminders: RemindersForm, *, status: int = 200, address: str = ""
) -> HttpResponse:
    own = feed_of(request)
    context = {
        "details": details,
        "reminders": reminders,
        "address": address,
        # A link that calendar programs take up; browsers open it with one of them.
        "webcal": "webcal:" + address.partition(":")[2],
        "is_on": bool(own and own.token_hash),
        "is_muted": Area.APPOINTMENTS in login_of(request).muted,
    }
    return render(request, "appointments/calendar.html", context, status=status)


def _shows(own: CalendarFeed | None) -> str:
    return "details" if own and own.shows_details else "neutral"


def _reminded(request: HttpRequest, people: list[Client]) -> list[Client]:
    """Those who get reminders: everybody who did not say otherwise."""
    off = Preferences.objects.visible_to(request.user).filter(client__in=people, reminders=False)
    without = set(off.values_list("client", flat=True))
    return [person for person in people if person.pk not in without]
