"""Staff join a video visit through the same door, at the same times, as clients."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.staff import ClientOwnedAdmin
from appointments.joining import Door, door_of_booking
from appointments.models import Policy
from appointments.queue import in_short


class JoinPages(ClientOwnedAdmin):
    """The way from a booking to its video room."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.join)
        name = f"{self.opts.app_label}_{self.opts.model_name}_join"
        return [path("<path:object_id>/join/", page, name=name), *super().get_urls()]

    def join(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """On to the room; too early, too late, or without a room, back to the booking with words."""
        row = self.fetch(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        door = door_of_booking(row, timezone.now(), Policy.current())
        if door is None:
            raise Http404
        if not door.leads_on:
            messages.warning(request, _why_shut(door))
            return redirect(self.url_of(row))
        answer = redirect(door.link)
        # The other site need not know from where.
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


def _why_shut(door: Door) -> str:
    if door.state == "early":
        return _("The visit opens {time}.").format(time=in_short(door.window.opens_at))
    if door.state == "late":
        return _("This visit ended.")
    return _("There is no video link that may be used: add one to the provider’s schedule or to this appointment.")
