"""What every staff page is: limited to what its reader may see, read-only but for verbs, without deletion."""

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import history
from accounts.actions import traces
from accounts.actions.throttle import Limit, TooMany, attempt
from accounts.models import Client, User
from accounts.permissions import Refused
from accounts.staff.buttons import Button, Words, is_second_press
from accounts.staff.many import ManyRows
from accounts.staff.versions import noticing
from accounts.states import ForbiddenMove

ONCE = Limit("new-row", most=1, window=timedelta(days=1))

Row = Any


def staff_of(request: HttpRequest) -> User:
    """Who does this; the site's door let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


class RowList(ChangeList):
    """A list whose rows lead where their page says: a client to the record, not to a form."""

    def url_for_result(self, result: Row) -> str:
        page: Any = self.model_admin
        return str(page.url_of(result))


class StaffAdmin(ManyRows, admin.ModelAdmin):
    """A page about one kind of row. Saving goes through an action; nothing is ever deleted."""

    section = ""
    place = 100
    icon = "file"
    in_menu = True
    lead: Words = ""
    nothing_yet: Words = ""
    add_label: Words = ""
    buttons: Sequence[str] = ()
    # The exceptions of this page's actions that have words for staff.
    refusals: tuple[type[Exception], ...] = (Refused, ForbiddenMove)

    empty_value_display = "–"
    list_per_page = 25
    list_max_show_all = 0
    show_full_result_count = False
    preserve_filters = False
    view_on_site = False
    formfield_overrides = {
        models.CharField: {"widget": forms.TextInput},
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 4})},
        models.EmailField: {"widget": forms.EmailInput},
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        models.PositiveSmallIntegerField: {"widget": forms.NumberInput},
        models.ForeignKey: {"widget": forms.Select},
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }

    @property
    def media(self) -> forms.Media:
        """Django's own scripts serve its own widgets; our pages bring what they need."""
        return forms.Media()

    # Who may ---------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def _may(self, request: HttpRequest, verb: str, row: Row | None = None) -> bool:
        return bool(request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}", row))

    def require(self, request: HttpRequest, perm: str, row: Row | None = None) -> None:
        if not request.user.has_perm(perm, row):
            raise PermissionDenied

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what `list_filter` names: Django's own rule lets any column be guessed letter by letter."""
        filters: list[Any] = list(self.get_list_filter(request))
        named = [name for name in filters if isinstance(name, str)]
        ours = {one.parameter_name for one in filters if not isinstance(one, str)}
        return lookup in ours | {f"{name}__{how}" for name in named for how in ("exact", "isnull", "gte", "lt")}

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return to_field == self.opts.pk.name

    # What may be chosen ----------------------------------------------------------------------

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField) and db_field.base_field.choices:
            return forms.MultipleChoiceField(
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                choices=db_field.base_field.choices,
                required=not db_field.blank,
                widget=forms.CheckboxSelectMultiple,
            )
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        # Django's wrapper adds links that open windows; a choice here is only a choice.
        if formfield and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
            formfield.widget = formfield.widget.widget
        return formfield

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Choices of a client's rows are those that this person may see."""
        related = db_field.remote_field.model
        if hasattr(related, "belongs_to"):
            return related.objects.visible_to(request.user)
        return super().get_field_queryset(db, db_field, request)

    # Saving ----------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """Each page names the action that saves its row; without one nothing is saved."""
        raise PermissionDenied

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The action that saved the row saved what hangs on it too."""

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        raise PermissionDenied

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        raise PermissionDenied

    def log_addition(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        """The history is written by the database, in full; Django's log would be a second, weaker one."""

    log_change = log_addition

    def response_add(self, request: HttpRequest, obj: Row, post_url_continue: str | None = None) -> HttpResponse:
        return self._saved(request, obj)

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        return self._saved(request, obj)

    def _saved(self, request: HttpRequest, row: Row) -> HttpResponse:
        messages.success(request, _("Saved."))
        return redirect(self.url_of(row))

    # Where things are ------------------------------------------------------------------------

    def menu_name(self) -> str:
        return str(capfirst(self.opts.verbose_name_plural))

    def list_url(self) -> str:
        return self._reverse("changelist")

    def is_here(self, path: str) -> bool:
        """Whether a path is of this page, for the menu."""
        return path.startswith(self.list_url())

    def url_of(self, row: Row) -> str:
        return self._reverse("change", row)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RowList

    def _reverse(self, word: str, row: Row | None = None, *more: str) -> str:
        args = [] if row is None else [quote(row.pk), *more]
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{word}"
        return reverse(name, args=args)

    def list_page(self) -> "StaffAdmin":
        """The page whose list leads here."""
        return self

    def heading(self, row: Row) -> str:
        return str(row)

    def parent(self, row: Row) -> tuple[str, str] | None:
        """Address and name of the page that this one is a part of, if it is not its list's."""
        return None

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        do = path("<path:object_id>/do/<slug:word>/", self.admin_site.admin_view(self.do), name=name)
        return [do, *super().get_urls()]

    # Pages -----------------------------------------------------------------------------------

    def fetch(self, request: HttpRequest, object_id: str) -> Row:
        """The row, or the same 404 whether it does not exist or is not for this person."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {"title": self.menu_name(), "lead": self.lead, "nothing_yet": self.nothing_yet}
        return super().changelist_view(request, {**words, "add_label": self.add_label, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is not None:
            self.opened(request, self.fetch(request, object_id))
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as refusal:
            self.tell(request, refusal)
            return redirect(request.path)
        except TooMany:
            return redirect(self.list_url())

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The same form sent twice makes one row: its token is another one each time that the page is shown."""
        if not change and "csrfmiddlewaretoken" in request.POST:
            attempt(ONCE, request.POST.urlencode())
        return super().save_form(request, form, change)

    def get_form(self, request: HttpRequest, obj: Row = None, change: bool = False, **kwargs: Any) -> Any:
        return noticing(super().get_form(request, obj, change, **kwargs), request)

    def opened(self, request: HttpRequest, row: Row) -> None:
        """Somebody looks at this row."""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = context.get("original")
        context["title"] = self.heading(row) if row else str(self.add_label)
        page = self.list_page()
        context["list_name"], context["list_url"] = page.menu_name(), page.list_url()
        context["presses"] = self.presses(request, row) if row else []
        context["version"] = history.version(row) if row else ""
        context["history_url"] = self._reverse("history", row) if row and history.is_kept(row) else ""
        if row and (parent := self.parent(row)):
            context["row_url"], context["row_name"] = parent
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.fetch(request, object_id)
        self.opened(request, row)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of {row}").format(row=row),
            "original": row,
            "opts": self.opts,
            "row_url": self.url_of(row),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "changes": history.of(row, request.user),
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    # Verbs -----------------------------------------------------------------------------------

    def presses(self, request: HttpRequest, row: Row) -> list[dict[str, Any]]:
        """The buttons for this row that this person may press now."""
        found = {word: self._button(word) for word in self.buttons}
        return [
            {"label": known.label, "kind": known.kind, "url": self._reverse("do", row, word)}
            for word, known in found.items()
            if known.when(row) and request.user.has_perm(known.permission, row)
        ]

    def _button(self, word: str) -> Button:
        known: Button = getattr(self, word).button
        return known

    def do(self, request: HttpRequest, object_id: str, word: str) -> HttpResponse:
        """Press a button: call its verb, and show what came of it or why not."""
        row = self.fetch(request, object_id)
        if word not in self.buttons:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        known = self._button(word)
        self.require(request, known.permission, row)
        if known.once and is_second_press(request):
            return self.back(request, row)
        try:
            done = getattr(self, word)(request, row)
        except self.refusals as refusal:
            self.tell(request, refusal)
            return self.back(request, row)
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, done)
        return self.back(request, row)

    def back(self, request: HttpRequest, row: Row) -> HttpResponse:
        """To the page where the button was, if it is one of ours."""
        wished = request.POST.get("next", "")
        ours = wished.startswith("/") and url_has_allowed_host_and_scheme(wished, allowed_hosts=None)
        return redirect(wished if ours else self.url_of(row))

    def tell(self, request: HttpRequest, refusal: Exception) -> None:
        messages.error(request, str(refusal) or _("This is not possible."))


class ClientOwnedAdmin(StaffAdmin):
    """A page about rows that belong to a client: only those that this person may see exist for them."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible: QuerySet[Any] = self.model._default_manager.visible_to(request.user)
        return visible.order_by(*(self.get_ordering(request) or self.opts.ordering or ()))

    def opened(self, request: HttpRequest, row: Row) -> None:
        """Reading a client's record is an act, and leaves its trace."""
        if request.method == "GET":
            self.note_view(request, client_of(row), self.opts.verbose_name or "")

    def note_view(self, request: HttpRequest, client: Client | None, page: Words) -> None:
        if client is not None:
            traces.note_record_view(
                client, by=staff_of(request), page=page, address=get_adapter().get_client_ip(request)
            )


def client_of(row: Row) -> Client | None:
    """The client that a row belongs to, by its model's own word."""
    way = row.belongs_to.path
    found: Client | None = reduce(getattr, way.split("__"), row) if way else row
    return found
