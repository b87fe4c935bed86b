"""G1: nobody reaches another client's anything. Every route, every login, own, others' and random rows.

A new page is swept the day it is born: a route without a row in tests/routes.py fails, a client-owned model
without a row of Bob in tests/world.py too.
"""

import re
import time
import uuid

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.contrib import admin
from django.core import mail as outbox
from django.test import Client as Browser
from django.urls import get_resolver, resolve, reverse

from accounts.actions import access as access_actions
from accounts.actions.invitations import send_invitation
from accounts.models import Access, Client, Invitation, SecurityEvent, User
from accounts.querysets import ClientOwnedQuerySet
from tests import factories
from tests import world as worlds
from tests.laws import words
from tests.routes import ADMIN, ADMIN_WORDS, ROUTES, of_client

ROLES = {"dana": "Clinician", "rhea": "Scheduler", "bill": "Biller", "olga": "Owner"}


def all_routes():
    """Each route once: where two have one path, the first answers."""
    first = {}
    for route in words.routes(get_resolver().url_patterns):
        first.setdefault(route.path, route)
    return list(first.values())


def is_admin_page(route):
    return route.path.startswith("admin/") and route.name not in ROUTES


PLAIN = sorted({route.name for route in all_routes()} & set(ROUTES))


RECORDS = [name for name in PLAIN if name.startswith("admin:") and ROUTES[name].args is of_client]


pytestmark = pytest.mark.django_db


def fresh(user):
    """A browser that has just signed in, so that no page asks for the password again."""
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return browser


def outcome(answer):
    if answer.status_code in {301, 302}:
        name = resolve(answer.headers["Location"].split("?")[0]).view_name
        return {"account_login": "login", "admin:index": "away"}.get(name, name)
    return {200: "page", 403: "no", 404: "gone", 405: "press"}.get(answer.status_code, str(answer.status_code))


def url_of(name, args):
    return reverse(name, args=args)


def args_of(name, world, who):
    rule = ROUTES[name]
    return rule.args(world, who) if rule.args else []


# The table ----------------------------------------------------------------------------------


def test_every_route_has_its_row_in_the_table():
    names = {route.name for route in all_routes() if not is_admin_page(route)}
    assert names == set(ROUTES), "give each new route its row in tests/routes.py, and take gone ones out"


def test_every_page_of_the_admin_is_of_a_kind_that_is_swept():
    known = {model._meta.label_lower.replace(".", "_") for model in admin.site._registry}
    strange = []
    for route in all_routes():
        if is_admin_page(route) and route.name != "admin:":
            model, _, word = route.name.removeprefix("admin:").rpartition("_")
            if model not in known or word not in ADMIN_WORDS:
                strange.append(route.name)
    assert not strange


def test_every_client_owned_model_has_a_row_of_everybody_that_could_leak(world):
    people = (world.alice_client, world.bob_client, world.timo)
    assert not [
        f"{model.__name__} of {person}"
        for model in worlds.client_owned()
        for person in people
        if not worlds.rows_of(model, person).exists()
    ]


@pytest.mark.parametrize("name", PLAIN)
def test_s1_every_route_answers_as_the_table_says(world, name):
    rule = ROUTES[name]
    expected = {"nobody": rule.nobody, "alice": rule.client, "gina": rule.client, "olga": rule.staff}
    got = {}
    for who in expected:
        browser = Browser() if who == "nobody" else fresh(getattr(world, who))
        owner = who if who in world.seats else "alice"
        got[who] = outcome(browser.get(url_of(name, args_of(name, world, owner))))
    assert got == expected


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("name", [name for name in PLAIN if ROUTES[name].args])
def test_s1_another_ones_row_is_like_one_that_never_was(world, name, method):
    before = worlds.snapshot()
    for who, owner in (("alice", "bob"), ("alice", "gina"), ("gina", "alice"), ("bob", "alice")):
        browser = fresh(getattr(world, who))
        theirs = args_of(name, world, owner)
        nobodys = [
            10**9 if isinstance(arg, int) else uuid.uuid4() if isinstance(arg, uuid.UUID) else arg for arg in theirs
        ]
        answer, blank = (getattr(browser, method)(url_of(name, args)) for args in (theirs, nobodys))
        assert (outcome(answer), answer.content) == (outcome(blank), blank.content) or scrub(answer) == scrub(blank)
        if ROUTES[name].other == "gone":
            assert answer.status_code == 404
    assert worlds.snapshot() == before


def test_s1_being_refused_a_row_leaves_a_trace(world):
    fresh(world.alice).get(reverse("portal:dashboard"), {"person": world.bob_client.pk})
    event = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.DENIED).get()
    assert event.user == world.alice
    assert event.detail == f"portal:dashboard {world.bob_client.pk}"


def test_a_prober_cannot_bury_the_history_under_refusals(world):
    browser = fresh(world.alice)
    for _ in range(70):
        browser.get(reverse("portal:dashboard"), {"person": world.bob_client.pk})
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.DENIED).count() == 60


def test_s1_a_trace_of_a_refusal_never_holds_a_token(world):
    fresh(world.alice).get(reverse("accounts:join", args=["a" * 64]))
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.DENIED).get().detail == "accounts:join"


# What one sees is one's own -------------------------------------------------------------------

GUESSES = [
    "",
    "?person={bob}",
    "?client={bob}&user={bobs_login}&id={bob}&q=Bob&page=2",
    "?next=/&email=bob@example.com",
]


@pytest.mark.parametrize("who", ["alice", "gina"])
@pytest.mark.parametrize("name", [name for name in PLAIN if not ROUTES[name].public or ROUTES[name].client == "page"])
def test_s6_pages_hold_nothing_of_others(world, name, who):
    url = url_of(name, args_of(name, world, who))
    browser, marks = fresh(getattr(world, who)), worlds.others(world, than=who)
    for pattern in GUESSES:
        guess = pattern.format(bob=world.bob_client.pk, bobs_login=world.bob.pk)
        assert not seen(browser.get(url + guess), marks - {word for word in marks if word in guess})
    assert not seen(browser.get(url, headers={"Hx-Request": "true"}), marks)


def seen(answer, marks):
    text = answer.getvalue().decode(errors="replace") + repr(sorted(answer.headers.items()))
    return {mark for mark in marks if mark in text}


TOKENS = re.compile(
    r'seconds="\d+"|(csrfmiddlewaretoken" value=|nonce=|data-secret=)"[^"]*"|otpauth[^"]*'
    r'|"challenge": ?"[^"]*"|[A-Z2-7]{32}'
)


def scrub(answer):
    """A page without what is new each time."""
    return TOKENS.sub("", answer.getvalue().decode(errors="replace"))


def client_pages():
    return [name for name in PLAIN if ROUTES[name].client == "page" and not ROUTES[name].args]


# Foreign ids and extra fields in what is sent ---------------------------------------------------

FORGED = {
    "is_staff": "1", "is_superuser": "1", "is_active": "0", "status": "accepted", "relationship": "self",
    "areas": "billing", "groups": "1", "user_permissions": "1", "role": "Owner", "archived_at": "2020-01-01",
    "withdrawn_at": "2020-01-01",
    "payments_enabled": "", "_method": "DELETE", "action": "delete_selected",
}  # fmt: skip
PRIVILEGES = ("is_staff", "is_superuser", "is_active")


@pytest.mark.parametrize("name", [name for name in PLAIN if not ROUTES[name].public])
def test_s2_s3_forged_fields_and_foreign_ids_change_nothing(world, name):
    browser = fresh(world.alice)
    url = url_of(name, args_of(name, world, "alice"))
    typed = fields_of(browser.get(url))
    foreign = {key: str(world.bob_client.pk) for key in ("client", "person", "pk", "id", "client_id")}
    foreign |= {key: str(world.bob.pk) for key in ("user", "user_id", "login", "by")}
    foreign |= {"session": str(world.seats["bob"].session.pk), "session_id": str(world.seats["bob"].session.pk)}
    before = privileges()
    for answer in (
        browser.post(url, {**typed, **foreign, **FORGED}),
        browser.post(url + "?person=" + foreign["client"], typed | foreign),
    ):
        assert answer.status_code < 500
        assert not seen(answer, worlds.others(world, than="alice") - set(foreign.values()))
    assert privileges() == before


def privileges():
    """Who may what, and what is Bob's."""
    logins = {
        user.pk: [*(getattr(user, field) for field in PRIVILEGES), user.groups.count()] for user in User.objects.all()
    }
    rights = sorted(map(str, Access.objects.values_list("user", "client", "relationship", "areas", "withdrawn_at")))
    bob = User.objects.get(email="bob@example.com")
    theirs = [
        bob.name,
        bob.password,
        bob.usersession_set.count(),
        bob.authenticator_set.count(),
        bob.emailaddress_set.count(),
    ]
    clients = sorted(map(str, Client.objects.values_list("pk", "name", "email", "archived_at", "payments_enabled")))
    return logins, rights, theirs, clients, sorted(map(str, Invitation.objects.values_list("pk", "status", "areas")))


INPUT = re.compile(r"<(?:input|select|textarea|button)\b[^>]*\bname=\"([^\"]+)\"[^>]*>")
VALUE = re.compile(r"\bvalue=\"([^\"]*)\"")


def fields_of(answer):
    """The fields of a page's forms with what stands in them."""
    text = answer.getvalue().decode(errors="replace")
    return {
        found[1]: (VALUE.search(found[0]) or [0, ""])[1]
        for found in INPUT.finditer(text)
        if found[1] != "csrfmiddlewaretoken"
    }


@pytest.mark.parametrize("who", ["alice", "gina", "dana"])
def test_s2_every_choice_of_a_form_is_among_the_visible(world, who):
    browser, user = fresh(getattr(world, who)), getattr(world, who)
    names = client_pages() if who != "dana" else []
    pages = [reverse(name) for name in names] if names else list(admin_pages(world, world.alice_client))
    for url in pages:
        for rows in choices_of(browser.get(url)):
            assert set(rows) <= set(rows.model.objects.visible_to(user)), url


def choices_of(answer):
    """The rows of clients that the forms of a page offer."""
    values = [value for context in answer.context or [] for value in context.flatten().values()]
    forms = [getattr(value, "form", value) for value in values]
    for form in forms:
        fields = getattr(form, "fields", None)
        for field in fields.values() if isinstance(fields, dict) else ():
            rows = getattr(field, "queryset", None)
            if rows is not None and hasattr(rows.model, "belongs_to"):
                yield rows


def row_pages(model, row):
    """Every admin page about one row, and every button of it."""
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
    for route in all_routes():
        if route.name.startswith(prefix) and "object_id" in route.path:
            word = route.name.removeprefix(prefix)
            for more in [[button] for button in admin.site._registry[model].buttons] if word == "do" else [[]]:
                yield reverse(route.name, args=[row.pk, *more])


def admin_pages(world, person):
    """Every admin page about this client."""
    yield from (reverse(name, args=[person.pk]) for name in RECORDS)
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if hasattr(model, "belongs_to"):
            for row in worlds.rows_of(model, person):
                yield from row_pages(model, row)


# Staff ----------------------------------------------------------------------------------------


def test_the_admin_has_the_pages_of_the_table():
    assert {model._meta.label for model in admin.site._registry} == set(ADMIN)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_s4_a_role_has_the_lists_that_the_table_gives_it(world, model, who):
    answer = fresh(getattr(world, who)).get(
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    )
    allowed = ROLES[who] in ADMIN.get(model._meta.label, ())
    assert answer.status_code in ({200, 302} if allowed else {403, 404})


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("model", worlds.client_owned(), ids=lambda model: model.__name__)
def test_s1_a_clinician_of_another_client_finds_no_row(world, model, method):
    if model not in admin.site._registry:
        return
    browser, before = fresh(world.dana), worlds.snapshot()
    for person in (world.bob_client, world.timo):
        row = worlds.rows_of(model, person).first()
        for url in row_pages(model, row):
            answer = getattr(browser, method)(url, {"post": "yes", **FORGED} if method == "post" else None)
            assert answer.status_code in {403, 404}, url
            assert not seen(answer, worlds.others(world, than="dana") - {str(row.pk)})
    assert worlds.snapshot() == before


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("name", RECORDS)
def test_s1_a_clinician_of_another_client_finds_no_record(world, name, method):
    browser, before = fresh(world.dana), worlds.snapshot()
    for person in (world.bob_client, world.timo):
        answers = [getattr(browser, method)(reverse(name, args=[pk])) for pk in (person.pk, uuid.uuid4())]
        assert {answer.status_code for answer in answers} in ({404}, {405})
        assert scrub(answers[0]) == scrub(answers[1])
    assert fresh(world.dana).get(reverse(name, args=[world.alice_client.pk])).status_code in {200, 403}
    assert worlds.snapshot() == before


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_s4_lists_searches_filters_and_choices_hold_nothing_of_others(world, model):
    browser, marks = fresh(world.dana), worlds.others(world, than="dana")
    listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    tries = ["", "?q=bro", "?q=timo", "?q=example.com", "?all=1", "?o=1", "?client__name__startswith=B",
             "?name__startswith=B", "?search_text__contains=bro", "?_popup=1&_to_field=name",
             f"?client__id__exact={world.bob_client.pk}",
             "?user__password__startswith=m", "?e=1"]  # fmt: skip
    for query in tries:
        answer = browser.get(listed + query)
        assert not seen(answer, {mark for mark in marks if mark not in query}), query
    for field in model._meta.fields:
        query = {
            "term": "o",
            "app_label": model._meta.app_label,
            "model_name": model._meta.model_name,
            "field_name": field.name,
        }
        assert not seen(browser.get(reverse("admin:autocomplete"), query), marks)


@pytest.mark.parametrize("who", ["dana", "rhea", "bill"])
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_s4_bulk_actions_and_forged_formsets_do_only_what_the_role_may(world, model, who):
    """Without the right to change a model, no POST of any shape changes it, however the admin is asked."""
    user, page = getattr(world, who), admin.site._registry[model]
    browser, before = fresh(user), worlds.snapshot()
    row = model._base_manager.first()
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    forged = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(row.pk) if row else "",
        "_save": "Save",
        "index": "0",
    }
    targets = [reverse(f"{prefix}_changelist"), reverse(f"{prefix}_add")] + (
        [reverse(f"{prefix}_change", args=[row.pk])] if row else []
    )
    may = any(user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}") for verb in ("add", "change"))
    if may:
        return
    for url in targets:
        for action in [
            "delete_selected",
            *[name for name in getattr(page, "actions", None) or () if isinstance(name, str)],
        ]:
            answer = browser.post(url, {**forged, "action": action, "_selected_action": [str(row.pk)] if row else []})
            assert answer.status_code < 500
    assert worlds.snapshot() == before


# Half-open states (S5) -------------------------------------------------------------------------


def invitation_opened(world):
    invitation = send_invitation(factories.client("Nora New"), by=None).invitation
    browser = Browser()
    browser.get(reverse("accounts:join", args=[invitation.token]))
    browser.post(reverse("accounts:join", args=[invitation.token]), {"password": "short"})
    browser.post(reverse("accounts:join_passkey", args=[invitation.token]))
    return browser


def second_factor_pending(world):
    browser = Browser()
    answer = browser.post(reverse("account_login"), {"login": world.olga.email, "password": factories.PASSWORD})
    assert outcome(answer) == "mfa_authenticate"
    return browser


def login_code_pending(world):
    browser = Browser()
    assert (
        outcome(browser.post(reverse("account_request_login_code"), {"email": world.alice.email}))
        == "account_confirm_login_code"
    )
    return browser


def password_reset_pending(world):
    browser = Browser()
    browser.post(reverse("account_reset_password"), {"email": world.alice.email})
    world.run_jobs()
    link = re.search(
        r"/account/password/reset/key/\S+", [mail for mail in outbox.outbox if mail.to == [world.alice.email]][-1].body
    )[0]
    assert outcome(browser.get(link)) == "account_reset_password_from_key"
    return browser


def address_unconfirmed(world):
    world.alice.emailaddress_set.update(verified=False)
    browser = Browser()
    assert (
        outcome(browser.post(reverse("account_login"), {"login": world.alice.email, "password": factories.PASSWORD}))
        != "portal:dashboard"
    )
    return browser


def login_closed(world):
    browser = fresh(world.alice)
    access_actions.close_login(world.alice, by=None)
    return browser


def staff_without_second_factor(world):
    return fresh(factories.staff("Nick Newman", "Owner", factor=False))


STATES = [
    invitation_opened,
    second_factor_pending,
    login_code_pending,
    password_reset_pending,
    address_unconfirmed,
    login_closed,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_s5_half_open_states_open_nothing(world, run_jobs, state):
    world.run_jobs = run_jobs
    browser, marks = state(world), worlds.others(world, than="alice") | worlds.marks_of_client(world.alice_client)
    before = worlds.snapshot()
    for name in [name for name in PLAIN if not ROUTES[name].public]:
        url = url_of(name, args_of(name, world, "alice"))
        for answer in (browser.get(url), browser.post(url, FORGED)):
            assert answer.status_code in {302, 404, 405}, (name, answer.status_code)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith(("/account/", "/admin/login/")), name
            # Where one wanted to go stands in the address of the sign-in page.
            assert not seen(answer, {mark for mark in marks if mark not in url})
    for url in admin_pages(world, world.alice_client):
        answer = browser.get(url)
        assert outcome(answer) in {"login", "admin:login"}, url
    assert worlds.snapshot() == before


@pytest.mark.parametrize("who", ["alice", "nick", "nobody"])
def test_s5_the_admin_is_shut_to_clients_and_to_staff_without_a_second_step(world, who):
    browser = {"alice": fresh(world.alice), "nick": staff_without_second_factor(world), "nobody": Browser()}[who]
    before = worlds.snapshot()
    for url in [reverse("admin:index"), *admin_pages(world, world.bob_client)]:
        for answer in (browser.get(url), browser.post(url, FORGED)):
            assert outcome(answer) in {"login", "admin:login"}, url
    assert worlds.snapshot() == before


def test_s5_where_the_practice_demands_a_second_step_nothing_is_open_before_it(world):
    factories.practice(requires_second_factor=True)
    browser = fresh(factories.user("Carl Carter"))
    rooms = [name for name in PLAIN if ROUTES[name].staff == "away" and ROUTES[name].client == "page"]
    assert rooms
    for name in rooms:
        assert outcome(browser.get(url_of(name, args_of(name, world, "alice")))) in {"accounts:security", "mfa_index"}


# Does it bite? ---------------------------------------------------------------------------------


def test_the_sweep_notices_a_queryset_that_forgets_to_ask(world, monkeypatch):
    """Law 3 broken on purpose: everybody sees every row."""
    monkeypatch.setattr(ClientOwnedQuerySet, "visible_to", lambda self, user: self.all())
    dashboard = fresh(world.alice).get(reverse("portal:dashboard"))
    assert seen(dashboard, worlds.others(world, than="alice"))
    record = fresh(world.dana).get(reverse("admin:record", args=[world.bob_client.pk]))
    assert record.status_code == 200 and seen(record, worlds.others(world, than="dana"))


def test_the_sweep_notices_an_action_that_obeys_forged_fields(world):
    before = privileges()
    User.objects.filter(pk=world.alice.pk).update(is_staff=True)
    assert privileges() != before
    User.objects.filter(pk=world.alice.pk).update(is_staff=False)
    assert privileges() == before
    world.bob_client.invitations.update(areas=[])
    assert privileges() != before
