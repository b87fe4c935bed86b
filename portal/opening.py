"""Staff open a client's record: found among those that they may see, and written down."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise

from accounts.actions import traces
from accounts.models import Client
from accounts.staff import staff_of


def client_of(request: HttpRequest, pk: Any) -> Client:
    """A client whom this person may see; anybody else is the same 404."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    return client


def note_view(request: HttpRequest, client: Client, page: Promise) -> None:
    address = get_adapter().get_client_ip(request)
    traces.note_record_view(client, by=staff_of(request), page=page, address=address)
