"""Pages of the demo; a production portal does not have them."""

from django.urls import URLPattern

app_name = "demo"
urlpatterns: list[URLPattern] = []
