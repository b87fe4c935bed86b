"""Pages of the ground floor. Signing in itself is allauth's, under the same prefix."""

from django.urls import path

from accounts.views import join, language, pictures, profile, security, session

app_name = "accounts"

urlpatterns = [
    path("account/security/", security.security, name="security"),
    path("account/security/passkey/", security.security_passkey, name="security_passkey"),
    path("account/security/end/<int:session_id>/", security.security_end, name="security_end"),
    path("account/security/end-others/", security.security_end_others, name="security_end_others"),
    path("account/session/", session.session, name="session"),
    path("account/session/stay/", session.stay, name="stay"),
    path("account/session/keep/", session.keep, name="keep"),
    path("account/session/forget/", session.forget, name="forget"),
    path("language/", language.language, name="language"),
    path("join/<str:token>/", join.join, name="join"),
    path("join/<str:token>/opened/", join.join_opened, name="join_opened"),
    path("join/<str:token>/passkey/", join.join_passkey, name="join_passkey"),
    path("join/<str:token>/new-link/", join.join_new_link, name="join_new_link"),
    path("profile/", profile.profile, name="profile"),
    path("profile/settings/", profile.profile_settings, name="profile_settings"),
    path("profile/<uuid:pk>/edit/", profile.profile_edit, name="profile_edit"),
    path("profile/<uuid:pk>/picture/", profile.profile_picture, name="profile_picture"),
    path("profile/<uuid:pk>/withdraw/<uuid:change>/", profile.profile_withdraw, name="profile_withdraw"),
    path("profile/<uuid:pk>/record-views/", profile.record_views, name="record_views"),
    path("clients/<uuid:pk>/picture/", pictures.client_picture, name="client_picture"),
    path("providers/<int:pk>/picture/", pictures.provider_picture, name="provider_picture"),
]
