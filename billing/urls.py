"""Insurance: the client's pages."""

from django.urls import path

from billing import views

app_name = "billing"

urlpatterns = [
    path("insurance/", views.insurance, name="insurance"),
    path("insurance/add/", views.insurance_add, name="insurance_add"),
    path("insurance/<uuid:pk>/edit/", views.insurance_edit, name="insurance_edit"),
    path("insurance/<uuid:pk>/end/", views.insurance_end, name="insurance_end"),
    path("insurance/<uuid:pk>/withdraw/", views.insurance_withdraw, name="insurance_withdraw"),
    path("insurance/<uuid:pk>/none/", views.insurance_none, name="insurance_none"),
    path("insurance/changes/<uuid:pk>/withdraw/", views.insurance_change_withdraw, name="insurance_change_withdraw"),
]
