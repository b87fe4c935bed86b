"""What the list of submitted forms can be narrowed down to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff.filters import StateChips
from forms_app.models import Assignment, Questionnaire, QuestionnaireResponse, Review

STATES = {"accepted": Review.Decision.ACCEPTED, "returned": Review.Decision.RETURNED}


def state_of(request: HttpRequest) -> str:
    """The state that is asked for; empty for what waits."""
    state = request.GET.get("state", "")
    return state if state in {*STATES, "all"} else ""


def waiting_among(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that nobody has decided about."""
    return rows.filter(assignment__status=Assignment.Status.SUBMITTED, review=None)


class StateFilter(StateChips):
    """By state; without a choice, what waits for somebody."""

    usual = gettext_lazy("To review")
    states = (
        ("accepted", gettext_lazy("Accepted")),
        ("returned", gettext_lazy("Returned")),
        ("all", gettext_lazy("All")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = state_of(request)
        if state == "all":
            return queryset
        return queryset.filter(review__decision=STATES[state]) if state else waiting_among(queryset)


class FormFilter(admin.SimpleListFilter):
    """By form, all its versions together: those of which this person may see an answer."""

    title = gettext_lazy("Form")
    parameter_name = "form"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = QuestionnaireResponse.objects.visible_to(request.user).values("pk")
        forms = Questionnaire.objects.filter(assignments__responses__in=seen)
        found = forms.order_by("created_at", "pk").values_list("url", "title")
        return sorted(dict(found).items(), key=lambda one: one[1].casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(assignment__questionnaire__url=self.value()) if self.value() else queryset


class AlertFilter(admin.SimpleListFilter):
    """By alert, for whoever may see them."""

    title = gettext_lazy("Alert")
    parameter_name = "alert"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        may = request.user.has_perm("forms_app.view_alert")
        return [("unseen", _("Needs a look")), ("any", _("With an alert"))] if may else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return {"unseen": queryset.filter(is_alarming=True), "any": queryset.filter(is_alerting=True)}.get(
            self.value() or "", queryset
        )
