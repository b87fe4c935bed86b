"""What leaves the portal of submitted forms: one as FHIR or PDF, many as a table or a Bundle. Each is written down."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import fhir as people
from accounts.actions import traces
from accounts.models import Client
from accounts.staff import ClientOwnedAdmin, staff_of
from forms_app import fhir
from forms_app.models import Questionnaire, QuestionnaireResponse, Review
from forms_app.reading import questionnaire_of
from forms_app.tables import Table
from uploads import serving

Row = QuestionnaireResponse
AT_ONCE = 200
CSV, FHIR, PDF = "text/csv; charset=utf-8", "application/fhir+json", "application/pdf"


class Exporting(ClientOwnedAdmin):
    """A page of submitted forms from which they can be taken out."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        ways: list[tuple[str, Any, str]] = [
            ("csv/", self.csv_of_listed, "csv"),
            ("bundle/", self.bundle_of_listed, "bundle"),
            ("<path:object_id>/fhir/", self.as_fhir, "fhir"),
            ("<path:object_id>/pdf/", self.as_pdf, "pdf"),
        ]
        own = [path(way, self.admin_site.admin_view(view), name=f"{name}_{word}") for way, view, word in ways]
        return [*own, *super().get_urls()]

    # One -------------------------------------------------------------------------------------

    def as_fhir(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The QuestionnaireResponse as it was submitted."""
        row = self.fetch(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        self._note(request, [row.client_id], gettext_lazy("a submitted form, as FHIR"))
        made = _made([fhir.as_bytes(fhir.questionnaire_response(row))])
        return serving.serve_made(request, made, name=f"{_name_of(row)}.json", content_type=FHIR)

    def as_pdf(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The form as a PDF, which a job makes soon after it was submitted."""
        row = self.fetch(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not row.pdf:
            messages.info(request, _("The PDF is still being made. Please try again in a minute."))
            return redirect(self.url_of(row))
        self._note(request, [row.client_id], gettext_lazy("a submitted form, as PDF"))
        return serving.serve(request, row.pdf, name=f"{_name_of(row)}.pdf", content_type=PDF)

    # Many ------------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
    def csv_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        return self._csv(request, queryset)

    @admin.action(description=gettext_lazy("Export as FHIR"), permissions=["view"])
    def fhir_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        return self._bundle(request, queryset)

    def csv_of_listed(self, request: HttpRequest) -> HttpResponseBase:
        """Every form that the list shows with these words and filters, on all its pages."""
        listed = self._listed(request)
        return listed if isinstance(listed, HttpResponse) else self._csv(request, listed)

    def bundle_of_listed(self, request: HttpRequest) -> HttpResponseBase:
        listed = self._listed(request)
        return listed if isinstance(listed, HttpResponse) else self._bundle(request, listed)

    def _listed(self, request: HttpRequest) -> QuerySet[Any] | HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        try:
            return self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(self.list_url())

    def _csv(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
        rows, forms = self._taken_out(request, rows, gettext_lazy("submitted forms, as a table"))
        table = Table((form.url, form.title, questionnaire_of(form)) for form in forms)
        made = _made(_lines(table, _whole(rows)))
        return serving.serve_made(request, made, name=f"{_today()}-{_('forms')}.csv", content_type=CSV)

    def _bundle(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
        rows, forms = self._taken_out(request, rows, gettext_lazy("submitted forms, as FHIR"))
        clients = Client.objects.visible_to(request.user).filter(pk__in=rows.order_by().values("client"))
        pieces = fhir.bundle_pieces(_resources(clients, forms, _whole(rows)), at=timezone.localtime())
        return serving.serve_made(request, _made(pieces), name=f"{_today()}-{_('forms')}.json", content_type=FHIR)

    def _taken_out(
        self, request: HttpRequest, rows: QuerySet[Any], page: Any
    ) -> tuple[QuerySet[Any], QuerySet[Questionnaire]]:
        """The rows as they are now and the forms that they answer; of each client it is written down."""
        rows = rows.filter(submitted_at__lte=timezone.now())
        self._note(request, rows.order_by().values_list("client", flat=True).distinct(), page)
        forms = Questionnaire.objects.filter(assignments__responses__in=rows.order_by().values("pk"))
        return rows, forms.order_by("-created_at", "pk").distinct()

    def _note(self, request: HttpRequest, clients: Iterable[Any], page: Any) -> None:
        if request.method != "HEAD":
            address = get_adapter().get_client_ip(request)
            traces.note_record_views(clients, by=staff_of(request), page=page, address=address)


def _whole(rows: QuerySet[Any]) -> Iterator[Row]:
    """With the answers, which lists leave where they are; never all of them in memory."""
    found: Iterator[Row] = rows.defer(None).defer("assignment__questionnaire__resource").iterator(chunk_size=AT_ONCE)
    return found


def _lines(table: Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """A CSV (RFC 4180) that a spreadsheet opens as text; its first bytes say that it is UTF-8."""
    yield b"\xef\xbb\xbf" + line(table.head())
    for row in rows:
        review: Review | None = getattr(row, "review", None)
        yield line(table.row(row, str(review.get_decision_display()) if review else _("To review")))


def line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue().encode()


def _resources(
    clients: Iterable[Client], forms: Iterable[Questionnaire], rows: Iterable[Row]
) -> Iterator[people.Resource]:
    """Whom the answers are of, what was asked, what was answered."""
    yield from map(people.patient, clients)
    yield from map(fhir.questionnaire, forms)
    yield from map(fhir.questionnaire_response, rows)


def _made(pieces: Iterable[bytes]) -> IO[bytes]:
    """In a file without a name, so that whatever goes wrong is told before the first byte is sent."""
    made = _nameless()
    made.writelines(pieces)
    return made


def _nameless() -> IO[bytes]:
    return tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)


def _name_of(row: Row) -> str:
    day = timezone.localtime(row.submitted_at).date().isoformat()
    title = slugify(row.assignment.questionnaire.title, allow_unicode=True)[:60]
    return "-".join(filter(None, [day, title or _("form")]))


def _today() -> str:
    return timezone.localdate().isoformat()
