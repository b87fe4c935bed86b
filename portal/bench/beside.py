"""What is measured outside of the portal's pages: a view with nothing in it, and one with a question."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from accounts.models import Provider
from appointments.models import Service
from appointments.slots import open_slots_of
from portal.bench.cases import BARE, SLOTS


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare\n", content_type="text/plain")


def slots(request: HttpRequest) -> HttpResponse:
    """How many there are in the coming month, of everybody together."""
    providers, now = Provider.objects.values_list("pk", flat=True), timezone.now()
    found = open_slots_of(list(providers), Service.objects.get(), since=now, until=now + timedelta(days=31), now=now)
    return HttpResponse(f"{sum(map(len, found.values()))}\n", content_type="text/plain")


urlpatterns = [path(BARE.lstrip("/"), bare), path(SLOTS.lstrip("/"), slots)]
