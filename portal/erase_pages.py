"""The staff's page on which an archived client is erased for good: what goes, what stays, and the name typed once."""

import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.staff import staff_of
from portal.actions.erasure import CannotErase, erase_client
from portal.erasure import plan, said
from portal.opening import client_of, note_view


class EraseForm(forms.Form):
    """The client's name, so that nobody erases the one beside."""

    confirm = forms.CharField(
        label=gettext_lazy("Type the client’s full name"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data)
        self.client = client

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        if _folded(typed) != _folded(self.client.name):
            raise ValidationError(_("This does not match the client’s name. Nothing was erased."))
        return typed


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split())


class ErasePages(AdminSite):
    """What a site needs to erase a client."""

    def get_urls(self) -> list[Any]:
        own = [path("client/<uuid:pk>/erase/", self.admin_view(self.erase), name="erase")]
        return [*own, *super().get_urls()]

    def erase(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Asks first; afterwards it is the report of what stayed."""
        client = client_of(request, pk)
        if not request.user.has_perm("accounts.erase_client", client):
            raise PermissionDenied
        if request.method == "POST" and client.erased_at is None:
            return self._typed(request, client)
        return self._erase_page(request, client, EraseForm(client=client))

    def _typed(self, request: HttpRequest, client: Client) -> HttpResponse:
        form = EraseForm(request.POST, client=client)
        if not form.is_valid():
            return self._erase_page(request, client, form, status=422)
        answer: HttpResponse = self._erase_now(request, client, form)
        return answer

    @method_decorator(reauthentication_required(app="allauth.account"))
    def _erase_now(self, request: HttpRequest, client: Client, form: EraseForm) -> HttpResponse:
        adapter = get_adapter()
        where = {"address": adapter.get_client_ip(request), "device": adapter.get_http_user_agent(request)}
        try:
            erase_client(client, by=staff_of(request), **where)
        except CannotErase as refusal:
            form.add_error(None, str(refusal))
            return self._erase_page(request, client, form, status=422)
        messages.success(request, _("Erased for good."))
        return redirect("admin:erase", client.pk)

    def _erase_page(self, request: HttpRequest, client: Client, form: EraseForm, status: int = 200) -> HttpResponse:
        note_view(request, client, gettext_lazy("erasing"))
        title = _("Erased") if client.erased_at else _("Erase {client} for good").format(client=client)
        context = {**self.each_context(request), "title": title, "client": client, "form": form, **_lines(client)}
        return TemplateResponse(request, "admin/erase.html", context, status=status)


def _lines(client: Client) -> dict[str, Any]:
    if client.erased_at:
        report = client.erasure or {}
        return {word: said(report.get(word, {})) for word in ("removed", "kept")}
    found = plan(client)
    return {"removed": found.removed, "kept": found.kept, "logins": found.logins}
