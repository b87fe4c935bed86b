"""What the practice offers, and where: services, places, rooms."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Practice
from accounts.staff import StaffAdmin, staff_of
from accounts.staff.cells import badge, person
from appointments import money
from appointments.actions import services as verbs
from appointments.forms.services import RoomForm, ServiceForm, offered, rules_of
from appointments.models import Location, Room, Service

RULES = ("forms_app.add_assignmentrule", "forms_app.change_assignmentrule")
ASKED = ("form_urls", "form_due_days")


def in_use(row: Any) -> str:
    return badge(_("In use"), "ok") if row.is_active else badge(_("Not in use"), "muted")


@admin.register(Service)
class ServiceAdmin(StaffAdmin):
    section, place, icon = "appointments", 70, "form"
    lead = gettext_lazy("What can be booked: how long it takes, where and by whom, and what clients fill in before.")
    nothing_yet = gettext_lazy("No service yet. Add the first one, such as “First visit, 50 minutes”.")
    add_label = gettext_lazy("New service")
    form = ServiceForm
    list_display = ("what", "length", "how", "whom", "costs", "state")
    list_filter = ("modality", "is_active")
    list_select_related = ("location",)
    search_fields = ("name", "description")
    search_help_text = gettext_lazy("Name")

    def menu_name(self) -> str:
        return _("Services")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        currency = Practice.objects.values("currency")[:1]
        rows: QuerySet[Any] = Service.objects.visible_to(request.user).annotate(currency=Subquery(currency))
        return rows.prefetch_related("providers")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Whoever may not keep rules of forms is not asked about them."""
        form = super().get_form(request, obj, change, **kwargs)
        return form if request.user.has_perms(RULES) else type(form.__name__, (form,), dict.fromkeys(ASKED))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asks = self.has_change_permission(request) and request.user.has_perms(RULES)
        forms = ASKED if asks else ("forms_to_fill_in",) if obj else ()
        return (
            (None, {"fields": ("name", "description", "minutes", "price")}),
            (gettext_lazy("How and by whom"), {"fields": ("modality", "location", "providers")}),
            (gettext_lazy("Kept free around it"), {"fields": ("minutes_before", "minutes_after")}),
            *([(gettext_lazy("Forms"), {"fields": forms})] if forms else []),
            (gettext_lazy("Booking"), {"fields": ("is_active",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("forms_to_fill_in",)

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        providers = form.cleaned_data.get("providers")
        verbs.save_service(obj, by=staff_of(request), providers=providers, forms=form.forms_of_service)

    @admin.display(description=gettext_lazy("Service"), ordering="name")
    def what(self, service: Service) -> str:
        return person(service.name, service.description[:120])

    @admin.display(description=gettext_lazy("Length"), ordering="minutes")
    def length(self, service: Service) -> str:
        words = ngettext("{n} minute", "{n} minutes", service.minutes).format(n=service.minutes)
        around = service.minutes_before + service.minutes_after
        return person(words, _("and {n} kept free").format(n=around) if around else "")

    @admin.display(description=gettext_lazy("How"))
    def how(self, service: Service) -> str:
        return person(service.get_modality_display(), service.location or "")

    @admin.display(description=gettext_lazy("By whom"))
    def whom(self, service: Service) -> str:
        return ", ".join(str(one) for one in service.providers.all()) or _("all")

    @admin.display(description=gettext_lazy("Price"), ordering="price")
    def costs(self, service: Any) -> str:
        return "–" if service.price is None else money.in_words(service.price, service.currency)

    @admin.display(description=gettext_lazy("State"))
    def state(self, service: Service) -> str:
        return badge(_("Can be booked"), "ok") if service.is_active else badge(_("Not in use"), "muted")

    @admin.display(description=gettext_lazy("Forms to fill in"))
    def forms_to_fill_in(self, service: Service) -> str:
        used = {rule.url for rule in rules_of(service)}
        return ", ".join(words for url, words in offered(used) if url in used) or "–"


@admin.register(Location)
class LocationAdmin(StaffAdmin):
    section, place, icon = "appointments", 80, "pin"
    lead = gettext_lazy("Where clients are seen. They read the address with their appointment.")
    nothing_yet = gettext_lazy("No place yet. Add where clients come to, unless you only meet by video or phone.")
    add_label = gettext_lazy("New place")
    fields = ("name", "address", "directions", "is_active")
    list_display = ("what", "state")
    list_filter = ("is_active",)

    def menu_name(self) -> str:
        return _("Places")

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        verbs.save_location(obj, by=staff_of(request))

    @admin.display(description=gettext_lazy("Place"), ordering="name")
    def what(self, place: Location) -> str:
        return person(place.name, ", ".join(place.address.splitlines()))

    @admin.display(description=gettext_lazy("State"))
    def state(self, place: Location) -> str:
        return in_use(place)


@admin.register(Room)
class RoomAdmin(StaffAdmin):
    section, place, icon = "appointments", 90, "home"
    lead = gettext_lazy("Rooms that one appointment uses at a time. Without rooms, only providers are booked.")
    nothing_yet = gettext_lazy("No room yet. Add rooms where two providers might want the same one.")
    add_label = gettext_lazy("New room")
    form = RoomForm
    fields = ("location", "name", "is_active")
    list_display = ("what", "state")
    list_filter = ("location", "is_active")
    list_select_related = ("location",)

    def menu_name(self) -> str:
        return _("Rooms")

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        verbs.save_room(obj, by=staff_of(request))

    @admin.display(description=gettext_lazy("Room"), ordering="name")
    def what(self, room: Room) -> str:
        return person(room.name, room.location)

    @admin.display(description=gettext_lazy("State"))
    def state(self, room: Room) -> str:
        return in_use(room)
