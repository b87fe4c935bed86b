"""The portal's paths with the demo's, as a demo has them; the tests' own settings leave those out."""

from django.urls import include, path

from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as of_every_portal

urlpatterns = [*of_every_portal, path("demo/", include("portal.demo.urls"))]
