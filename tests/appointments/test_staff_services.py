"""What the practice offers, and where, as staff keep it: services with their forms, places, rooms."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.permissions import Refused
from appointments import money
from appointments.actions import services as verbs
from appointments.models import Location, Room, Service
from forms_app.actions import questionnaires, rules
from forms_app.models import Assignment, AssignmentRule
from tests import factories
from tests.appointments import house
from tests.forms_app.house import item, published

pytestmark = pytest.mark.django_db
LIST, ADD = (reverse(f"admin:appointments_service_{word}") for word in ("changelist", "add"))


def change(row):
    return reverse(f"admin:appointments_{row._meta.model_name}_change", args=[row.pk])


def typed(**fields):
    return {
        "name": "First visit",
        "description": "We get to know each other",
        "minutes": "80",
        "price": "120.50",
        "modality": "in_person",
        "location": "",
        "minutes_before": "5",
        "minutes_after": "10",
        "is_active": "on",
        **fields,
    }


def form(n=1, **more):
    return published(item("a"), url=f"http://example.org/{n}", title=f"Form {n}", **more)


def rules_of(service):
    return list(AssignmentRule.objects.filter(service=service.pk).order_by("url"))


@pytest.fixture
def olga(cast, signed_in):
    return signed_in(cast.olga)


# A service --------------------------------------------------------------------------------------


def test_a_new_service_has_length_price_way_place_providers_and_what_is_kept_free(cast, olga):
    place = house.location()
    answer = olga.post(ADD, typed(location=place.pk, providers=[cast.dana_provider.pk]))
    made = Service.objects.get()
    assert answer.headers["Location"] == change(made)
    assert (made.minutes, made.price, made.modality, made.location) == (80, Decimal("120.50"), "in_person", place)
    assert (made.minutes_before, made.minutes_after, made.is_active) == (5, 10, True)
    assert list(made.providers.all()) == [cast.dana_provider]


def test_a_service_may_be_all_providers_and_say_nothing_of_money(cast, olga):
    olga.post(ADD, typed(price=""))
    made = Service.objects.get()
    assert made.price is None and not made.providers.exists()
    listed = olga.get(LIST).content.decode()
    assert ">all<" in listed


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"minutes": "4"}, "minutes"),
        ({"minutes": "1441"}, "minutes"),
        ({"minutes": "x"}, "minutes"),
        ({"minutes_before": "241"}, "minutes_before"),
        ({"minutes_after": "-1"}, "minutes_after"),
        ({"price": "-1"}, "price"),
        ({"price": "1.234"}, "price"),
        ({"modality": "pigeon"}, "modality"),
        ({"location": "999999"}, "location"),
        ({"providers": ["999999"]}, "providers"),
        ({"form_urls": ["http://example.org/none"]}, "form_urls"),
        ({"form_due_days": "366"}, "form_due_days"),
        ({"name": "a\x07b"}, "name"),
    ],
)
def test_what_cannot_be_is_said_on_its_field_and_nothing_typed_is_lost(cast, olga, wrong, field):
    answer = olga.post(ADD, typed(**wrong))
    assert answer.status_code == 200 and not Service.objects.exists()
    assert list(answer.context["adminform"].form.errors) == [field]
    assert "We get to know each other" in answer.content.decode()


def test_two_services_have_two_names(cast, olga):
    house.service(name="First visit")
    answer = olga.post(ADD, typed())
    assert "name" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("modality", ["video", "phone"])
def test_only_who_is_seen_in_person_goes_to_a_place(cast, olga, modality):
    answer = olga.post(ADD, typed(modality=modality, location=house.location().pk))
    assert "Only whoever is seen in person" in answer.content.decode()


def test_places_out_of_use_are_offered_only_where_they_are_chosen_already(cast, olga):
    old = house.location(name="Old street", is_active=False)
    service = house.service(location=old)
    assert "Old street" not in olga.get(ADD).content.decode()
    assert "Old street" in olga.get(change(service)).content.decode()


def test_a_provider_who_left_stays_where_they_are_chosen(cast, olga):
    gone = factories.provider(name="Gone Green", is_active=False)
    service = house.service()
    service.providers.add(gone)
    assert "Gone Green" not in olga.get(ADD).content.decode()
    assert "Gone Green" in olga.get(change(service)).content.decode()


def test_what_is_booked_stays_as_it_was_booked_when_its_service_changes(cast, olga):
    service = house.service(name="First visit")
    booked = house.appointment(cast.alice_client, cast.dana_provider, service=service)
    olga.post(change(service), typed(minutes="20", modality="video"))
    before = booked.starts_at, booked.ends_at
    booked.refresh_from_db()
    assert (booked.starts_at, booked.ends_at, booked.booking.modality) == (*before, "in_person")


def test_a_double_click_makes_one_service(cast, signed_in):
    browser = signed_in(cast.olga)
    token = {"csrfmiddlewaretoken": "a" * 64}
    for _press in range(2):
        browser.post(ADD, typed(**token))
    assert Service.objects.count() == 1


def test_of_two_who_have_a_service_open_the_second_hears_of_the_first(cast, olga):
    service = house.service(name="First visit")
    opened = olga.get(change(service)).context["version"]
    olga.post(change(service), typed(minutes="45", _opened_version=opened))
    answer = olga.post(change(service), typed(minutes="90", _opened_version=opened))
    assert "Somebody else saved this page meanwhile" in answer.content.decode()
    service.refresh_from_db()
    assert service.minutes == 45


def test_what_was_changed_stands_in_the_history(cast, olga):
    service = house.service(name="First visit", minutes=50)
    olga.post(change(service), typed(minutes="45"))
    told = olga.get(reverse("admin:appointments_service_history", args=[service.pk])).content.decode()
    assert "50" in told and "45" in told and "Olga Owens" in told


def queries(browser, url):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


def test_the_list_is_a_fixed_number_of_queries(cast, olga):
    house.service(name="One", price=1).providers.add(cast.dana_provider)
    few = queries(olga, LIST)
    for n in range(9):
        house.service(name=f"More {n}", price=2, location=house.location()).providers.add(cast.dana_provider)
    assert queries(olga, LIST) <= few


# Money ------------------------------------------------------------------------------------------


def test_a_price_is_shown_in_the_practices_currency_and_the_readers_way(cast, olga):
    house.service(price=Decimal("1120.5"))
    assert "$1,120.50" in olga.get(LIST).content.decode()
    factories.practice(currency="EUR")
    assert "€1,120.50" in olga.get(LIST).content.decode()
    assert "In EUR." in olga.get(ADD).content.decode()


def test_spanish_readers_get_a_comma(cast):
    with translation.override("es"):
        assert money.in_words(Decimal(80), "EUR") == "80,00\xa0€"


def test_a_currency_without_cents_has_none(cast):
    assert money.in_words(Decimal(8000), "JPY") == "¥8,000"


# Forms that go with a service ----------------------------------------------------------------------


def test_forms_chosen_on_a_services_page_are_assigned_when_it_is_booked(cast, olga):
    wanted, other = form(1), form(2)
    olga.post(ADD, typed(form_urls=[wanted.url], form_due_days="3"))
    service = Service.objects.get()
    [rule] = rules_of(service)
    assert (rule.url, rule.event, rule.due_days, rule.is_active) == (wanted.url, "new_booking", 3, True)
    booking = house.booking(cast.dana_provider, service=service)
    rules.booked(client=cast.alice_client, service=service.pk, booking=booking.pk, by=None)
    rules.booked(client=cast.bob_client, service=house.service(name="Other").pk, booking=uuid4(), by=None)
    assert [one.questionnaire for one in Assignment.objects.all()] == [wanted]
    assert other not in [one.questionnaire for one in Assignment.objects.all()]


def test_a_form_that_is_taken_out_is_assigned_no_longer(cast, olga):
    one, two = form(1), form(2)
    service = house.service(name="First visit")
    olga.post(change(service), typed(form_urls=[one.url, two.url], form_due_days="3"))
    olga.post(change(service), typed(form_urls=[two.url], form_due_days=""))
    assert [(rule.url, rule.is_active, rule.due_days) for rule in rules_of(service)] == [
        (one.url, False, 3),
        (two.url, True, None),
    ]


def test_a_form_taken_out_and_put_back_is_the_same_rule(cast, olga):
    one = form(1)
    service = house.service(name="First visit")
    for urls in ([one.url], [], [one.url]):
        olga.post(change(service), typed(form_urls=urls))
    [rule] = rules_of(service)
    assert rule.is_active


def test_saving_a_service_twice_changes_no_rule(cast, olga):
    one = form(1)
    service = house.service(name="First visit")
    for _again in range(2):
        olga.post(change(service), typed(form_urls=[one.url], form_due_days="3"))
    [rule] = rules_of(service)
    assert AssignmentRule.pgh_event_model.objects.filter(pgh_obj_id=rule.pk).count() == 1


def test_a_services_page_shows_its_forms_and_offers_the_published_ones(cast, olga):
    one, draft = form(1), published(item("a"), url="http://example.org/2", title="Form 2")
    questionnaires.retire(draft, by=None)
    service = house.service(name="First visit")
    page = olga.get(change(service)).content.decode()
    assert "Form 1" in page and "Form 2" not in page
    AssignmentRule.objects.create(url=one.url, event="new_booking", service=service.pk, due_days=4)
    AssignmentRule.objects.create(url=draft.url, event="new_booking", service=service.pk, due_days=4)
    shown = olga.get(change(service))
    assert shown.context["adminform"].form["form_urls"].value() == [one.url, draft.url]
    assert shown.context["adminform"].form["form_due_days"].value() == 4
    assert "Form 2 (not published)" in shown.content.decode()


def test_other_services_rules_are_left_alone(cast, olga):
    one = form(1)
    first, second = house.service(name="First visit"), house.service(name="Second visit")
    every = AssignmentRule.objects.create(url=one.url, event="new_booking")
    for service in (first, second):
        AssignmentRule.objects.create(url=one.url, event="new_booking", service=service.pk)
    olga.post(change(first), typed(form_urls=[]))
    every.refresh_from_db()
    assert [rules_of(first)[0].is_active, rules_of(second)[0].is_active, every.is_active] == [False, True, True]


def test_who_may_not_keep_rules_of_forms_reads_them(cast, signed_in):
    one, service = form(1), house.service()
    AssignmentRule.objects.create(url=one.url, event="new_booking", service=service.pk)
    page = signed_in(cast.rhea).get(change(service)).content.decode()
    assert "Form 1" in page and 'name="form_urls"' not in page


def test_who_may_not_keep_rules_of_forms_saves_a_service_without_touching_them(cast, signed_in):
    one, service = form(1), house.service(name="First visit")
    AssignmentRule.objects.create(url=one.url, event="new_booking", service=service.pk)
    cast.olga.groups.get().permissions.remove(
        *cast.olga.groups.get().permissions.filter(codename__endswith="_assignmentrule")
    )
    signed_in(cast.olga).post(change(service), typed(minutes="30", form_urls=[]))
    service.refresh_from_db()
    assert service.minutes == 30 and rules_of(service)[0].is_active


def test_the_page_of_rules_says_that_one_is_a_services_and_does_not_change_it(cast, olga):
    one, service = form(1), house.service()
    rule = AssignmentRule.objects.create(url=one.url, event="new_booking", service=service.pk, due_days=7)
    listed = olga.get(reverse("admin:forms_app_assignmentrule_changelist")).content.decode()
    assert "Every new booking of a service" in listed
    url = reverse("admin:forms_app_assignmentrule_change", args=[rule.pk])
    page = olga.get(url).content.decode()
    assert "changed on the service’s page" in page and 'name="due_days"' not in page
    assert olga.post(url, {"url": one.url, "event": "new_client", "due_days": "1"}).status_code == 403
    rule.refresh_from_db()
    assert (rule.event, rule.due_days) == ("new_booking", 7)


def test_other_rules_are_changed_on_their_page_as_before(cast, olga):
    one = form(1)
    rule = AssignmentRule.objects.create(url=one.url, event="new_booking")
    url = reverse("admin:forms_app_assignmentrule_change", args=[rule.pk])
    olga.post(url, {"url": one.url, "event": "new_client", "due_days": "1", "is_active": "on"})
    rule.refresh_from_db()
    assert (rule.event, rule.due_days) == ("new_client", 1)


# Places and rooms -----------------------------------------------------------------------------------


def test_a_place_has_an_address_and_how_to_get_in(cast, olga):
    add = reverse("admin:appointments_location_add")
    olga.post(add, {"name": "Harbour", "address": "1 Quay\nBoston", "directions": "Ring twice", "is_active": "on"})
    made = Location.objects.get()
    assert (made.name, made.directions) == ("Harbour", "Ring twice")
    assert "1 Quay, Boston" in olga.get(reverse("admin:appointments_location_changelist")).content.decode()


def test_a_place_without_an_address_is_refused(cast, olga):
    answer = olga.post(reverse("admin:appointments_location_add"), {"name": "Harbour", "address": ""})
    assert answer.status_code == 200 and not Location.objects.exists()


def test_a_room_is_of_a_place_and_has_a_name_of_its_own_there(cast, olga):
    add, place = reverse("admin:appointments_room_add"), house.location()
    for _again in range(2):
        answer = olga.post(add, {"location": place.pk, "name": "Blue", "is_active": "on"})
    assert Room.objects.count() == 1 and answer.context["errors"]
    olga.post(add, {"location": house.location(name="Harbour").pk, "name": "Blue", "is_active": "on"})
    assert Room.objects.count() == 2


def test_a_room_with_appointments_stays_at_its_place(cast, olga):
    room, other = house.room(name="Blue"), house.location(name="Harbour")
    olga.post(change(room), {"location": other.pk, "name": "Blue", "is_active": "on"})
    room.refresh_from_db()
    assert room.location == other
    house.booking(cast.dana_provider, room=room)
    answer = olga.post(change(room), {"location": house.location().pk, "name": "Blue", "is_active": "on"})
    assert "Please make a new room" in answer.content.decode()
    olga.post(change(room), {"location": other.pk, "name": "Green", "is_active": "on"})
    room.refresh_from_db()
    assert (room.location, room.name) == (other, "Green")


# Who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rhea", "dana", "bill"])
def test_who_only_reads_services_saves_none(cast, signed_in, who):
    service = house.service(name="First visit", minutes=50)
    assert signed_in(getattr(cast, who)).get(change(service)).status_code == 200
    assert signed_in(getattr(cast, who)).post(change(service), typed(minutes="20")).status_code == 403
    with pytest.raises(Refused):
        verbs.save_service(service, by=getattr(cast, who))
    with pytest.raises(Refused):
        verbs.save_service(Service(name="New"), by=getattr(cast, who))
    service.refresh_from_db()
    assert service.minutes == 50


@pytest.mark.parametrize("who", ["rhea", "dana", "bill"])
def test_who_does_not_run_services_saves_no_place_and_no_room(cast, who):
    by, place = getattr(cast, who), house.location()
    for refused in (
        lambda: verbs.save_location(Location(name="New", address="Here"), by=by),
        lambda: verbs.save_location(place, by=by),
        lambda: verbs.save_room(Room(location=place, name="New"), by=by),
        lambda: verbs.save_room(house.room(), by=by),
    ):
        with pytest.raises(Refused):
            refused()


def test_the_portal_itself_may(cast):
    assert verbs.save_service(Service(name="New"), by=None).pk
    assert verbs.save_location(Location(name="New", address="Here"), by=None).pk
    assert verbs.save_room(Room(location=house.location(), name="New"), by=None).pk


def test_in_each_list_what_is_out_of_use_says_so(cast, olga):
    house.service(is_active=False)
    house.room(location=house.location(is_active=False), is_active=False)
    for kind in ("service", "location", "room"):
        assert "Not in use" in olga.get(reverse(f"admin:appointments_{kind}_changelist")).content.decode()
