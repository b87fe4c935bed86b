"""Files: what clients sent and what the practice shares; opened through here only, and written down."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.ownership import Area
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of, whom
from accounts.staff.buttons import is_second_press
from accounts.staff.cells import badge, day
from accounts.storage import CannotStore
from uploads import serving, standing
from uploads.actions import files as verbs
from uploads.admin.cells import day_in_words, file_name, filled, size
from uploads.content.kinds import Kind
from uploads.forms.staff import ShareForm
from uploads.models import Download, Upload
from uploads.outcomes import not_stored
from uploads.querysets import areas_open_to
from uploads.refusals import sentence

Source, Status = Upload.Source, Upload.Status
OPENINGS_SHOWN = 20
ONE_LOOK = timedelta(minutes=1)


class StateFilter(admin.SimpleListFilter):
    """What needs somebody."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("unopened", _("Not opened yet")),
            ("scanning", _("Waiting for the check")),
            ("refused", _("Refused")),
            ("shared", _("Shared")),
            ("hidden", _("Not shared")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        chosen = {
            "unopened": rows.unopened,
            "scanning": lambda: rows.filter(status=Status.SCANNING),
            "refused": lambda: rows.filter(status=Status.REJECTED),
            "shared": lambda: rows.from_practice().filter(shared_at__isnull=False),
            "hidden": lambda: rows.from_practice().filter(shared_at=None),
        }.get(self.value() or "")
        return chosen() if chosen else queryset


class AreaFilter(admin.SimpleListFilter):
    """By what the file hangs on, for whoever may open more than one kind."""

    title = gettext_lazy("Area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        open_areas = areas_open_to(request.user)
        return [(area, str(Area(area).label)) for area in open_areas] if len(open_areas) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(area=self.value()) if self.value() in Area.values else queryset


def can_be_shared(upload: Upload) -> bool:
    return upload.source == Source.PRACTICE and upload.shared_at is None and upload.status != Status.REJECTED


def can_be_hidden(upload: Upload) -> bool:
    return upload.source == Source.PRACTICE and upload.shared_at is not None


@admin.register(Upload)
class UploadAdmin(ClientOwnedAdmin):
    section, place, icon = "files", 20, "file"
    lead = gettext_lazy("What clients sent, and what you share with them. Each opening is written down.")
    nothing_yet = gettext_lazy("No file yet. What a client sends appears here; you can share one from here too.")
    add_label = gettext_lazy("Share a file")
    refusals = (*ClientOwnedAdmin.refusals, verbs.NotChecked)
    buttons = ("share", "hide")
    list_display = ("what", "state", "origin", "sent")
    list_filter = (StateFilter, "source", AreaFilter)
    list_select_related = ("client", "sent_by")
    search_fields = ("name",)
    search_help_text = gettext_lazy("The file’s name, or the client’s name, e-mail or phone")
    readonly_fields = (
        *facts(Upload, "note", "source"),
        "whereabouts",
        "large",
        "kind_in_words",
        "scan",
        *facts(Upload, "sent_by", "sent_at", "opened_at", "shared_at"),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A file stays as it was sent."""
        return False

    def get_urls(self) -> list[Any]:
        ways = [("download", self.download), ("preview", self.preview)]
        own = [
            path(f"<path:object_id>/{word}/", self.admin_site.admin_view(view), name=f"uploads_upload_{word}")
            for word, view in ways
        ]
        return [*own, *super().get_urls()]

    # The list --------------------------------------------------------------------------------

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        return queryset.filter(Q(name__icontains=search_term) | Q(client__in=clients)), False

    @admin.display(description=gettext_lazy("File"))
    def what(self, upload: Upload) -> str:
        return file_name(upload, f"{upload.client} · {size(upload)}")

    @admin.display(description=gettext_lazy("State"))
    def state(self, upload: Upload) -> str:
        now = standing.of_upload(upload, timezone.now())
        return badge(now.words, now.tone)

    @admin.display(description=gettext_lazy("From"))
    def origin(self, upload: Upload) -> str:
        whose = _("the practice") if upload.source == Source.PRACTICE else _("the client")
        return whose if upload.area == Area.FILES else f"{whose} · {upload.get_area_display()}"

    @admin.display(description=gettext_lazy("Size"))
    def large(self, upload: Upload) -> str:
        return size(upload)

    @admin.display(description=gettext_lazy("Sent"))
    def sent(self, upload: Upload) -> str:
        return day(upload.sent_at)

    # One file --------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return filled(self, obj, self.readonly_fields)

    @admin.display(description=gettext_lazy("Area"))
    def whereabouts(self, upload: Upload) -> str:
        return upload.get_area_display()

    @admin.display(description=gettext_lazy("Kind"))
    def kind_in_words(self, upload: Upload) -> str:
        return upload.kind.upper()

    @admin.display(description=gettext_lazy("Virus scanner"))
    def scan(self, upload: Upload) -> str:
        return standing.scan_in_words(upload)

    def opened(self, request: HttpRequest, row: Upload) -> None:
        """Whoever looks at a client's file has opened it: it cannot be withdrawn any more."""
        if request.method != "GET":
            return
        if not row.is_available or request.path.endswith("/history/"):
            self.note_view(request, row.client, self.opts.verbose_name or "")
        elif not self._open(request, row, downloads=not self._has_just_opened(request, row)):
            raise Http404

    def _has_just_opened(self, request: HttpRequest, row: Upload) -> bool:
        """A page and the preview in it are one look, not two."""
        since = timezone.now() - ONE_LOOK
        return row.downloads.filter(user=staff_of(request), at__gt=since).exists()

    def _open(self, request: HttpRequest, row: Upload, *, downloads: bool = True) -> bool:
        """Write the opening down; False where the file went, or is not checked yet."""
        address = get_adapter().get_client_ip(request)
        try:
            verbs.open_file(row, by=staff_of(request), address=address, downloads=downloads)
        except verbs.NotChecked:
            return False
        return True

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if row := context.get("original"):
            context |= {
                "standing": standing.of_upload(row, timezone.now()),
                "refused": sentence(row.refusal) if row.refusal else "",
                "asked": row.requests.order_by("asked_at"),
                "openings": self._openings(request, row),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _openings(self, request: HttpRequest, row: Upload) -> list[Download] | None:
        """Who opened it, for whoever may know."""
        if not request.user.has_perm("uploads.view_download", row):
            return None
        found = Download.objects.visible_to(request.user).filter(upload=row).select_related("user")
        return list(found.order_by("-at", "-pk")[:OPENINGS_SHOWN])

    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The file as it was sent, to be saved and not shown."""
        upload = self.fetch(request, object_id)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self._open(request, upload):
            self.tell(request, verbs.NotChecked(_("This file cannot be opened: it is not checked, or it was refused.")))
            return redirect(self.url_of(upload))
        return serving.serve(request, upload.file, name=upload.name, content_type=Kind(upload.kind).content_type)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """A picture of the first page, drawn by the portal itself."""
        upload = self.fetch(request, object_id)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        stored: FieldFile = upload.preview
        if not stored or not upload.is_available:
            raise Http404
        if not self._has_just_opened(request, upload) and not self._open(request, upload):
            raise Http404
        return serving.serve(request, stored, name="preview.webp", content_type="image/webp", inline=True)

    @button(gettext_lazy("Share"), permission="uploads.change_upload", kind="primary", when=can_be_shared)
    def share(self, request: HttpRequest, upload: Upload) -> str:
        verbs.share(upload, by=staff_of(request))
        if upload.is_available:
            return _("Shared. {client} was told.").format(client=upload.client)
        return _("Shared as soon as it is checked; {client} is told then.").format(client=upload.client)

    @button(gettext_lazy("Hide"), permission="uploads.change_upload", when=can_be_hidden)
    def hide(self, request: HttpRequest, upload: Upload) -> str:
        verbs.hide(upload, by=staff_of(request))
        return _("Hidden: {client} does not see it any more.").format(client=upload.client)

    # Sharing ---------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First for whom, unless the address names them; then which file."""
        self.require(request, "uploads.add_upload")
        clients = whom.chosen(request)
        if whom.is_asked_for(request) or clients.count() != 1:
            return whom.choose(self, request, clients, many=False)
        client = clients[0]
        form = ShareForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (done := self._share(request, client, form)):
            return done
        context = {
            **self.admin_site.each_context(request),
            "title": _("Share a file with {client}").format(client=client),
            "form": form,
            "client": client,
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "choose_url": f"{self._reverse('add')}?find=1",
        }
        return TemplateResponse(request, "admin/uploads/upload/share.html", context)

    def _share(self, request: HttpRequest, client: Client, form: ShareForm) -> HttpResponse | None:
        """Taken in like a client's file: the same limits, the same checks, kept once."""
        given, by = form.cleaned_data, staff_of(request)
        try:
            received = verbs.receive(given["file"], client=client, by=by, note=given["note"], source=Source.PRACTICE)
        except CannotStore:
            form.add_error("file", not_stored(given["file"].name).words)
            return None
        if received.upload is None:
            form.add_error("file", str(sentence(received.refusal or "")))
            return None
        if not is_second_press(request):
            self._tell_taken(request, received.upload, received.outcome == "known", share_now=given["share_now"])
        return redirect(self.url_of(received.upload))

    def _tell_taken(self, request: HttpRequest, upload: Upload, is_known: bool, *, share_now: bool) -> None:
        if is_known:
            words = _("This file is here since {day}: it is kept once.")
            messages.info(request, words.format(day=day_in_words(upload.sent_at)))
        if share_now:
            messages.success(request, self.share(request, upload))
        elif not is_known:
            messages.success(request, _("Stored. It stays hidden from the client until you press “Share”."))
