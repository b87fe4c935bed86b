"""Pages of the ground floor. Signing in itself is allauth's, under the same prefix."""

from django.urls import path

from accounts.views import join

app_name = "accounts"

urlpatterns = [
    path("join/<str:token>/", join.join, name="join"),
    path("join/<str:token>/opened/", join.join_opened, name="join_opened"),
    path("join/<str:token>/passkey/", join.join_passkey, name="join_passkey"),
    path("join/<str:token>/new-link/", join.join_new_link, name="join_new_link"),
]
