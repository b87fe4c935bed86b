"""Forms."""

from django.urls import path

from forms_app.views import attachments, autosave, fhir, filling, forms, pdf, response, versions

app_name = "forms_app"

urlpatterns = [
    path("forms/", forms.forms, name="forms"),
    path("forms/<uuid:pk>/fill/", filling.fill, name="fill"),
    path("forms/<uuid:pk>/autosave/", autosave.autosave, name="autosave"),
    path("forms/<uuid:pk>/attach/", attachments.attach, name="attach"),
    path("forms/<uuid:pk>/detach/", attachments.detach, name="detach"),
    path("forms/<uuid:pk>/versions/", versions.versions, name="versions"),
    path("forms/<uuid:pk>/response/", response.response, name="response"),
    path("forms/<uuid:pk>/pdf/", pdf.pdf, name="pdf"),
    path("forms/<uuid:pk>/fhir/", fhir.fhir, name="fhir"),
]
