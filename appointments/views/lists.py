"""Appointments: what is ahead, and what is over."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.whose import chosen
from appointments.views.whose import people_of


def appointments(request: HttpRequest) -> HttpResponse:
    people = people_of(request)
    context = {"people": people if len(people) > 1 else [], "person": chosen(request, people)}
    return render(request, "appointments/appointments.html", context)
