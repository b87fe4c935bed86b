"""What can be done about appointments with the clients chosen in their list."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy


@admin.action(description=gettext_lazy("Book an appointment for them together"))
def book_together(page: Any, request: HttpRequest, clients: Any) -> HttpResponse:
    """To the form, with the chosen ones in its address."""
    named = urlencode([("client", key) for key in clients.values_list("pk", flat=True)[: page.list_per_page]])
    return redirect(f"{reverse('admin:appointments_booking_add')}?{named}")
