"""Who opened which file, the staff and the clients' logins alike. Written once, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.staff import ClientOwnedAdmin, facts, moment
from uploads.admin.cells import file_name
from uploads.models import Download, Upload


@admin.register(Download)
class DownloadAdmin(ClientOwnedAdmin):
    section, place, icon = "traces", 15, "file"
    lead = gettext_lazy("Each time somebody opened a file: one of the practice, or a login of the client.")
    nothing_yet = gettext_lazy("Nobody has opened a file yet.")
    list_display = ("what", "who", "when", "address")
    list_select_related = ("client", "user", "upload")
    search_fields = ("upload__name",)
    search_help_text = gettext_lazy("The file’s name, or the client’s name, e-mail or phone")
    fields = readonly_fields = ("file", *facts(Download, "client", "user", "at", "address"))

    def menu_name(self) -> str:
        return _("Opened files")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """A file's name tells something too: only of files that this person may open."""
        return super().get_queryset(request).filter(upload__in=Upload.objects.visible_to(request.user))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        return queryset.filter(Q(upload__name__icontains=search_term) | Q(client__in=clients)), False

    def opened(self, request: HttpRequest, row: Download) -> None:
        """A look at a look is not a look at a record."""

    @admin.display(description=gettext_lazy("File"))
    def what(self, opening: Download) -> str:
        return file_name(opening.upload, opening.client)

    @admin.display(description=gettext_lazy("File"))
    def file(self, opening: Download) -> str:
        page: Any = self.admin_site._registry[Upload]
        return format_html('<a href="{}"><bdi>{}</bdi></a>', page.url_of(opening.upload), opening.upload.name)

    @admin.display(description=gettext_lazy("Who"))
    def who(self, opening: Download) -> str:
        whose = _("of the practice") if opening.user.is_staff else _("a login of the client")
        return format_html('{} <span class="meta">{}</span>', opening.user, whose)

    @admin.display(description=gettext_lazy("When"))
    def when(self, opening: Download) -> str:
        return moment(opening.at)
