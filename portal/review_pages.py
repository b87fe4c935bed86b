"""The staff's pages of profile changes: who waits, and what one client proposes, old beside new."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import changes as verbs
from accounts.models import Client, ProposedChange
from accounts.staff import staff_of
from portal import reviews
from portal.forms import ReviewForm
from portal.opening import client_of, note_view

PER_PAGE = 25


class ReviewPages(AdminSite):
    """What a site needs to show the queue of changes, and one client's."""

    def get_urls(self) -> list[Any]:
        own = [
            path("reviews/", self.admin_view(self.reviews), name="reviews"),
            path("reviews/<uuid:pk>/", self.admin_view(self.review), name="review"),
        ]
        return [*own, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        menu = super().get_app_list(request, app_label)
        if reviews.may_decide(request.user):
            url = reverse("admin:reviews")
            here = request.path.startswith(url)
            entry = {"name": _("Profile changes"), "admin_url": url, "icon": "check", "current": here}
            for section in menu:
                if section["app_label"] == "clients":
                    section["models"].insert(1, entry)
        return menu

    def reviews(self, request: HttpRequest) -> HttpResponse:
        """Clients with something to decide, those who have waited longest first."""
        if not reviews.may_decide(request.user):
            raise PermissionDenied
        waiting = Paginator(reviews.queue(request.user), PER_PAGE).get_page(request.GET.get("page"))
        context = {**self.each_context(request), "title": _("Profile changes"), "waiting": waiting}
        return TemplateResponse(request, "admin/reviews.html", context)

    def review(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What one client proposes; each value is taken over or not, with a reason that the client reads."""
        client = client_of(request, pk)
        if not reviews.may_see(request.user):
            raise Http404
        if request.method == "POST":
            return self._decide(request, client)
        return self._show(request, client)

    def _decide(self, request: HttpRequest, client: Client) -> HttpResponse:
        user = request.user
        posted = reviews.named(client, user, ReviewForm.keys(request.POST))
        form = ReviewForm(request.POST, asked=[reviews.asked(change, user) for change in posted])
        if not form.is_valid():
            return self._show(request, client, request.POST)
        decisions = form.decisions
        if not decisions:
            messages.info(request, _("You have not chosen anything yet."))
            return redirect("admin:review", client.pk)
        reviewed = verbs.review(decisions, by=staff_of(request))
        self._tell(request, reviewed, [decision.change for decision in decisions])
        if any(change.status == ProposedChange.Status.PROPOSED and change.pk in reviewed.refused for change in posted):
            return self._show(request, client, request.POST, reviewed.refused)
        rest = reviews.waiting_of(client, user)
        return redirect("admin:review", client.pk) if rest else redirect("admin:reviews")

    def _tell(self, request: HttpRequest, reviewed: verbs.Reviewed, chosen: list[ProposedChange]) -> None:
        """What is decided, and which of the chosen somebody else was faster with."""
        taken = sum(change.status == ProposedChange.Status.APPLIED for change in reviewed.done)
        if reviewed.done:
            words = _("Taken over: {taken}. Not taken over: {not_taken}. The client reads it in the profile.")
            messages.success(request, words.format(taken=taken, not_taken=len(reviewed.done) - taken))
        for change in chosen:
            if change.pk in reviewed.refused and change.status != ProposedChange.Status.PROPOSED:
                messages.warning(request, f"{change.label}: {reviewed.refused[change.pk]}")
        if not reviewed.done and not reviewed.refused:
            messages.info(request, _("This is decided already."))

    def _show(
        self, request: HttpRequest, client: Client, data: Any = None, refused: dict[Any, str] | None = None
    ) -> HttpResponse:
        """The page; with what was typed, and with what kept a choice from being carried out."""
        note_view(request, client, gettext_lazy("profile changes"))
        all_asked = [reviews.asked(change, request.user) for change in reviews.waiting_of(client, request.user)]
        form = ReviewForm(data, asked=all_asked)
        if data:
            form.full_clean()
        for key, words in (refused or {}).items():
            if f"decide-{key}" in form.fields:
                form.add_error(f"decide-{key}", words)
        context = {
            **self.each_context(request),
            "title": _("Profile changes of {client}").format(client=client),
            "client": client,
            "form": form,
            "groups": reviews.groups(all_asked),
            "parts": form.parts,
        }
        return TemplateResponse(request, "admin/review.html", context, status=422 if form.errors else 200)
