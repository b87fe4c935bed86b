"""My Uploads."""

from django.urls import path

from uploads.views import exports, files, opening, sending

app_name = "uploads"

urlpatterns = [
    path("uploads/", files.uploads, name="uploads"),
    path("uploads/send/", sending.send, name="send"),
    path("uploads/state/", sending.state, name="state"),
    path("uploads/requests/<uuid:pk>/", sending.request, name="request"),
    path("uploads/export/", exports.export, name="export"),
    path("uploads/export/<uuid:pk>/download/", exports.export_download, name="export_download"),
    path("uploads/<uuid:pk>/withdraw/", sending.withdraw, name="withdraw"),
    path("uploads/<uuid:pk>/download/", opening.download, name="download"),
    path("uploads/<uuid:pk>/preview/", opening.preview, name="preview"),
]
