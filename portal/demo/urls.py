"""Pages of the demo; a production portal does not have them."""

from django.urls import path

from portal.demo import views

app_name = "demo"

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("mail/", views.mails, name="mails"),
    path("mail/<uuid:pk>/", views.mail, name="mail"),
    path("mail/<uuid:pk>/html/", views.mail_html, name="mail_html"),
]
