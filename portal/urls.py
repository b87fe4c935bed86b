"""The portal's paths."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.views import brand, join, pictures, security
from portal import views

urlpatterns = [
    path("", include("portal.rooms")),
    path("", include("accounts.urls")),
    path("", include("appointments.urls")),
    path("", include("billing.urls")),
    path("", include("forms_app.urls")),
    path("", include("uploads.urls")),
    path("account/signup/", join.signup, name="account_signup"),
    path("account/password/set/", security.set_password, name="account_set_password"),
    # allauth's overviews are one page of ours.
    path("account/2fa/", security.mfa_index, name="mfa_index"),
    path("account/2fa/webauthn/", security.mfa_list_webauthn, name="mfa_list_webauthn"),
    path("account/sessions/", security.usersessions_list, name="usersessions_list"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("brand.css", brand.brand, name="brand"),
    path("logo/", pictures.logo, name="logo"),
    path("health/live/", views.live, name="live"),
    path("health/ready/", views.ready, name="ready"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("portal.demo.urls")))

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.page_not_found"
handler500 = "portal.errors.server_error"
handler429 = "portal.errors.too_many_requests"
