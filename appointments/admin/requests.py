"""What clients ask to have changed: who waits for an answer, the soonest appointment first."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.context import practice_of
from accounts.models import Client, Provider
from accounts.staff.cells import badge, badge_at, person
from accounts.staff.filters import StateChips
from accounts.staff.pages import RowList
from appointments import money, queue
from appointments.admin.answering import AnswerPages
from appointments.models import Booking, ChangeRequest, Policy
from appointments.planning import CannotBook
from appointments.queue import in_short

Status = ChangeRequest.Status
SOONEST = ("booked_at", "pk")
NEWEST = ("-asked_at", "pk")
# Where somebody has to do something, by the appointment that it is about; the others by when they were asked.
ORDERS = {"pending": SOONEST, "offered": SOONEST, **dict.fromkeys([*ChangeRequest.ENDS, "all"], NEWEST)}


class StateFilter(StateChips):
    """By state; without a choice, what waits for the practice."""

    usual = Status.PENDING.label
    states = (*((one.value, one.label) for one in Status if one != Status.PENDING), ("all", gettext_lazy("All")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = state_of(request)
        return queryset if state == "all" else queryset.filter(status=state)


class ProviderFilter(admin.SimpleListFilter):
    """By whose appointment it is, of those about whose somebody asked."""

    title = gettext_lazy("Provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = ChangeRequest.objects.visible_to(request.user).values("appointment__booking")
        booked = Booking.objects.visible_to(request.user).filter(pk__in=asked)
        rows = Provider.objects.filter(pk__in=booked.values("provider")).order_by("name", "pk")
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = dict(self.lookup_choices)
        if not self.value():
            return queryset
        if self.value() not in known:
            return queryset.none()
        return queryset.filter(appointment__booking__provider=self.value())


def state_of(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in ORDERS else Status.PENDING.value


class Queue(RowList):
    """The rows of a page with what is wished and whether it would fit, looked up once for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        policy, currency = Policy.current(), practice_of(request).currency
        for row, asked in zip(rows, queue.asked_of(rows, timezone.now()), strict=True):
            row.asked, row.policy, row.currency = asked, policy, currency
        self.result_list: Any = rows


@admin.register(ChangeRequest)
class ChangeRequestAdmin(AnswerPages):
    section, place, icon = "appointments", 20, "clock"
    lead = gettext_lazy("What clients ask to have changed. Until you answer, each appointment stays as it is booked.")
    nothing_yet = gettext_lazy(
        "Nobody waits for an answer. Clients ask for another time, or to cancel, on the page of their appointment."
    )
    refusals = (*AnswerPages.refusals, CannotBook)
    list_display = ("what", "wishes", "said", "window", "state")
    list_filter = (StateFilter, ProviderFilter)
    list_select_related = queue.SAID
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The client’s name, e-mail or phone")

    def menu_name(self) -> str:
        return _("Requests")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is answered by verbs, and never reworded."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*queue.SAID)

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return ORDERS[state_of(request)]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Queue]:
        return Queue

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        return queryset.filter(client__in=clients), False

    @admin.display(description=gettext_lazy("Appointment"))
    def what(self, row: ChangeRequest) -> str:
        booking = row.appointment.booking
        about = f"{in_short(row.booked_at)} · {booking.service} · {booking.provider}"
        return person(row.client, about)

    @admin.display(description=gettext_lazy("What is asked"))
    def wishes(self, row: Any) -> str:
        if row.kind == ChangeRequest.Kind.CANCEL:
            return str(row.get_kind_display())
        if row.any_time:
            return _("Any time that suits")
        offered = row.status == Status.OFFERED
        shown = [one for one in row.asked.offered if one.time.is_current] if offered else row.asked.wished
        return format_html(
            '<ul class="wishes" role="list">{}</ul>', format_html_join("", "<li>{}</li>", map(_wish, shown))
        )

    @admin.display(description=gettext_lazy("Reason and fee"))
    def said(self, row: Any) -> str:
        fee = _("Fee: {fee}").format(fee=money.in_words(row.fee, row.currency)) if row.fee else ""
        lines = [(words,) for words in (row.reason, fee) if words]
        return format_html_join("", "<p>{}</p>", lines) or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("Changes online"))
    def window(self, row: Any) -> str:
        if not row.is_open:
            return self.get_empty_value_display()
        at = in_short(row.booked_at - row.policy.closes_before)
        if queue.is_late(row, row.policy, timezone.now()):
            return format_html('{} <span class="meta">{}</span>', badge(_("Closed"), "due"), at)
        return _("until {time}").format(time=at)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: ChangeRequest) -> str:
        return badge_at(queue.standing(row))


def _wish(one: queue.Proposal) -> tuple[SafeString]:
    """A time, and whether it would fit."""
    at = format_html('<time datetime="{}">{}</time>', one.time.starts_at.isoformat(), in_short(one.time.starts_at))
    return (format_html("{} {}", at, badge(one.fit.label, one.fit.tone) if one.fit else ""),)
