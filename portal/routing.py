"""The websockets of every storey."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
