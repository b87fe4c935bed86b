"""S4 and G3: what each role may open, post, guess and do on the staff's pages. Whatever is not given is refused."""

import uuid

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from pghistory.models import MiddlewareEvents

from accounts.actions.invitations import send_invitation
from accounts.models import Access, CareTeamMember, Client, Invitation, OutgoingMail, Practice, RecordView, Role, User
from accounts.staff import StaffAdmin
from tests import factories

LISTS = {
    "accounts_client": "rhea bill dana olga",
    "accounts_invitation": "rhea dana olga",
    "accounts_access": "rhea dana olga",
    "accounts_careteammember": "rhea dana olga",
    "accounts_factorreset": "rhea olga",
    "accounts_outgoingmail": "rhea olga",
    "accounts_provider": "rhea dana olga",
    "accounts_practice": "olga",
    "accounts_legaldocument": "olga",
    "accounts_user": "olga",
    "accounts_role": "olga",
    "accounts_recordview": "olga",
    "accounts_securityevent": "olga",
    "uploads_upload": "rhea bill dana olga",
    "uploads_uploadrequest": "rhea dana olga",
    "uploads_requesttemplate": "rhea dana olga",
    "uploads_download": "rhea dana olga",
    "uploads_export": "olga",
    "billing_coverage": "rhea bill dana olga",
    "appointments_booking": "rhea dana olga",
    "appointments_appointment": "rhea bill dana olga",
    "appointments_changerequest": "rhea dana olga",
    "appointments_service": "rhea bill dana olga",
    "appointments_location": "rhea dana olga",
    "appointments_room": "rhea dana olga",
    "appointments_schedule": "rhea dana olga",
    "appointments_timeoff": "rhea dana olga",
    "appointments_policy": "rhea dana olga",
    "appointments_reminder": "rhea dana olga",
    "appointments_preferences": "rhea dana olga",
    "forms_app_assignment": "rhea dana olga",
    "forms_app_assignmentrule": "olga",
    "forms_app_questionnaire": "rhea dana olga",
    "forms_app_questionnaireresponse": "dana olga",
    "forms_app_alert": "dana olga",
}
ADDS = {
    "appointments_preferences": "rhea dana olga",
    "appointments_booking": "rhea dana olga",
    "accounts_client": "rhea olga",
    "accounts_provider": "olga",
    "accounts_legaldocument": "olga",
    "accounts_user": "olga",
    "uploads_upload": "rhea dana olga",
    "uploads_uploadrequest": "rhea dana olga",
    "uploads_requesttemplate": "olga",
    "billing_coverage": "rhea bill olga",
    "appointments_service": "olga",
    "appointments_location": "olga",
    "appointments_room": "olga",
    "appointments_schedule": "rhea dana olga",
    "appointments_timeoff": "rhea dana olga",
    "forms_app_assignment": "rhea dana olga",
    "forms_app_assignmentrule": "olga",
    "forms_app_questionnaire": "olga",
}
# Of these there is one row, so their list is its page.
ONE_PAGE = {"accounts_practice", "appointments_policy"}
ROLES = ("rhea", "bill", "dana", "olga")


@pytest.fixture
def rows(cast):
    """One row of each kind that Dana does not treat, but everybody at the front desk knows."""
    invitation = send_invitation(factories.client("Ida Ives"), by=cast.olga).invitation
    return {
        "accounts_client": cast.bob_client,
        "accounts_access": Access.objects.get(client=cast.bob_client),
        "accounts_invitation": invitation,
        "accounts_outgoingmail": OutgoingMail.objects.get(client=invitation.client),
        "accounts_careteammember": factories.assigned(cast.bob_client, factories.provider(name="Elena Engel")),
        "accounts_user": cast.bill,
        "accounts_role": Role.objects.get(name="Biller"),
        "accounts_practice": cast.practice,
        "accounts_provider": cast.dana_provider,
    }


def snapshot():
    """Everything that a forged post could have changed."""
    kinds = (Client, Access, Invitation, CareTeamMember, Practice, User)
    stored = [list(kind.objects.order_by("pk").values()) for kind in kinds]
    for user in stored[-1]:
        del user["last_login"]  # the test's own signing in
    return [
        *stored,
        list(Role.permissions.through.objects.values_list("group", "permission")),
        OutgoingMail.objects.count(),
    ]


def test_the_table_names_every_page():
    registered = {f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry}
    assert registered == set(LISTS)


def test_only_pages_that_keep_our_rules_are_registered():
    assert all(isinstance(page, StaffAdmin) for page in admin.site._registry.values())


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("who", ROLES)
def test_s4_a_role_opens_the_lists_that_are_its_work(cast, signed_in, who, kind):
    answer = signed_in(getattr(cast, who)).get(reverse(f"admin:{kind}_changelist"))
    assert answer.status_code == (403 if who not in LISTS[kind].split() else 302 if kind in ONE_PAGE else 200)


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("who", ROLES)
def test_s4_a_role_adds_only_what_is_its_work(cast, signed_in, who, kind):
    browser = signed_in(getattr(cast, who))
    may = who in ADDS.get(kind, "").split()
    before = snapshot()
    url = reverse(f"admin:{kind}_add")
    # An insurance is added from its client's record, so without one the way leads to the clients.
    answer = 403 if not may else 302 if kind == "billing_coverage" else 200
    assert browser.get(url).status_code == answer
    # Nothing is filled in, so nothing is added; whoever may not is refused before anybody looks.
    assert browser.post(url, {"name": ""}).status_code == answer
    assert snapshot() == before


FORGED = {
    "name": "Mallory",
    "email": "mallory@example.com",
    "is_staff": "on",
    "is_superuser": "on",
    "status": "accepted",
    "areas": ["profile"],
    "relationship": "self",
    "roles": ["1"],
    "grants": ["1"],
    "phone": "1",
    "time_zone": "UTC",
    "language": "en",
}


@pytest.mark.parametrize(
    "kind",
    [
        "accounts_client",
        "accounts_access",
        "accounts_user",
        "accounts_role",
        "accounts_practice",
        "accounts_provider",
        "accounts_invitation",
        "accounts_outgoingmail",
        "accounts_careteammember",
    ],
)
@pytest.mark.parametrize("who", ["bill", "dana"])
def test_s4_forged_changes_by_who_may_only_look_change_nothing(cast, rows, signed_in, who, kind):
    browser = signed_in(getattr(cast, who))
    before = snapshot()
    for word in ("change", "delete"):
        answer = browser.post(reverse(f"admin:{kind}_{word}", args=[rows[kind].pk]), {**FORGED, "post": "yes"})
        assert answer.status_code in {403, 404}, word
    assert snapshot() == before


@pytest.mark.parametrize("kind", LISTS)
def test_s67_nobody_deletes_not_even_the_owner(cast, rows, signed_in, kind):
    browser, before = signed_in(cast.olga), snapshot()
    row = rows.get(kind)
    if row is not None:
        assert browser.post(reverse(f"admin:{kind}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    browser.post(
        reverse(f"admin:{kind}_changelist"),
        {"action": "delete_selected", "index": "0", "_selected_action": [str(row.pk)] if row else ["1"], "post": "yes"},
    )
    assert snapshot() == before


BUTTONS = [
    ("accounts_client", "send_invitation"),
    ("accounts_client", "assign"),
    ("accounts_client", "archive"),
    ("accounts_client", "restore"),
    ("accounts_invitation", "again"),
    ("accounts_invitation", "link"),
    ("accounts_invitation", "revoke"),
    ("accounts_access", "withdraw"),
    ("accounts_access", "close"),
    ("accounts_access", "open"),
    ("accounts_access", "lost"),
    ("accounts_careteammember", "remove"),
    ("accounts_outgoingmail", "again"),
    ("accounts_user", "close"),
    ("accounts_user", "open"),
    ("accounts_user", "welcome"),
    ("accounts_user", "lost"),
]


@pytest.mark.parametrize(("kind", "word"), BUTTONS)
@pytest.mark.parametrize("who", ["bill", "dana"])
def test_s4_forged_presses_do_nothing(cast, rows, signed_in, who, kind, word):
    browser, before = signed_in(getattr(cast, who)), snapshot()
    answer = browser.post(reverse(f"admin:{kind}_do", args=[rows[kind].pk, word]), {"provider": cast.dana_provider.pk})
    assert answer.status_code in {403, 404}
    assert snapshot() == before


def test_the_buttons_tested_are_all_that_there_are():
    words = {
        (f"accounts_{model._meta.model_name}", word)
        for model, page in admin.site._registry.items()
        for word in page.buttons
        if model._meta.app_label == "accounts"
    }
    assert words == {*BUTTONS, ("accounts_factorreset", "confirm"), ("accounts_factorreset", "withdraw")}


@pytest.mark.parametrize(
    "word", ["fetch", "save_model", "delete_model", "has_view_permission", "__init__", "send-invitation"]
)
def test_s4_a_press_names_a_button_and_no_other_method(cast, signed_in, word):
    url = f"/admin/accounts/client/{cast.bob_client.pk}/do/{word}/"
    assert signed_in(cast.olga).post(url).status_code == 404


def test_a_press_is_a_post(cast, signed_in):
    url = reverse("admin:accounts_client_do", args=[cast.bob_client.pk, "archive"])
    assert signed_in(cast.olga).get(url).status_code == 405


@pytest.mark.parametrize("who", ["bill", "dana"])
@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("accounts_client", "send_to_chosen"),
        ("accounts_invitation", "send_chosen_again"),
        ("accounts_invitation", "revoke_chosen"),
        ("accounts_outgoingmail", "send_chosen"),
    ],
)
def test_s4_forged_bulk_actions_reach_nothing_that_is_not_theirs(cast, rows, signed_in, who, kind, action):
    before = snapshot()
    chosen = {"action": action, "index": "0", "select_across": "1", "_selected_action": [str(rows[kind].pk)]}
    signed_in(getattr(cast, who)).post(reverse(f"admin:{kind}_changelist"), chosen)
    assert snapshot() == before


@pytest.mark.parametrize(
    "query",
    [
        "email__startswith=b",
        "search_text__contains=bob",
        "access__user__email__startswith=b",
        "invitations__token_hash__startswith=0",
        "care_team__provider__name__startswith=D",
        "id__in=1",
        "client__email__startswith=b",
        "token_hash__startswith=a",
        "user__password__startswith=m",
    ],
)
@pytest.mark.parametrize(
    "kind", ["accounts_client", "accounts_invitation", "accounts_outgoingmail", "accounts_user", "accounts_access"]
)
def test_s4_no_column_can_be_guessed_letter_by_letter(cast, signed_in, kind, query):
    answer = signed_in(cast.olga).get(f"{reverse(f'admin:{kind}_changelist')}?{query}")
    # Refused outright, or sent back to the list without the filter.
    assert answer.status_code == 400 or answer.headers.get("Location", "").endswith("?e=1")


@pytest.mark.parametrize("query", ["portal=joined", "provider=1"])
def test_s4_a_filter_that_a_role_may_not_see_is_refused_to_it(cast, signed_in, query):
    answer = signed_in(cast.bill).get(f"{reverse('admin:accounts_client_changelist')}?{query}")
    assert answer.status_code == 400 or answer.headers.get("Location", "").endswith("?e=1")


def test_s4_sorting_and_keys_are_only_those_of_the_page(cast, signed_in):
    browser, url = signed_in(cast.olga), reverse("admin:accounts_client_change", args=[cast.bob_client.pk])
    assert browser.get(f"{url}?_to_field=email").status_code == 400
    assert browser.get(f"{reverse('admin:accounts_client_changelist')}?o=99.-7").status_code == 200


def completed(browser, field, term=""):
    query = {"app_label": "accounts", "model_name": "access", "field_name": field, "term": term}
    answer = browser.get(reverse("admin:autocomplete"), query)
    return [row["text"] for row in answer.json()["results"]] if answer.status_code == 200 else answer.status_code


def test_s4_completion_offers_only_whom_one_may_see(cast, signed_in):
    assert completed(signed_in(cast.dana), "client") == ["Alice Adams"]
    assert completed(signed_in(cast.dana), "client", "bob") == []
    assert completed(signed_in(cast.rhea), "client", "bob") == ["Bob Brown"]


@pytest.mark.parametrize("who", ["rhea", "bill", "dana"])
def test_s4_completion_of_logins_is_for_who_may_see_the_team(cast, signed_in, who):
    assert completed(signed_in(getattr(cast, who)), "user", "o") == 403


def test_dana_sees_alice_alone(cast, signed_in):
    page = signed_in(cast.dana).get(reverse("admin:accounts_client_changelist")).content.decode()
    assert "Alice Adams" in page
    assert all(name not in page for name in ("Bob Brown", "Timo Gray", "Lena Gray"))


@pytest.mark.parametrize("word", ["record", "as_client"])
def test_dana_finds_no_other_record(cast, signed_in, word):
    browser = signed_in(cast.dana)
    assert browser.get(reverse(f"admin:{word}", args=[cast.bob_client.pk])).status_code == 404
    assert browser.get(reverse(f"admin:{word}", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("word", ["change", "history", "invite"])
def test_not_yours_and_not_there_are_the_same(cast, signed_in, word):
    browser = signed_in(cast.dana)
    for pk in (cast.bob_client.pk, uuid.uuid4(), "7", "x"):
        assert browser.get(reverse(f"admin:accounts_client_{word}", args=[pk])).status_code == 404, pk


def test_bill_sees_how_to_reach_clients_and_nothing_of_their_invitations_access_or_care(cast, signed_in):
    send_invitation(cast.timo, by=cast.olga, email="second@example.com", relationship="guardian")
    browser = signed_in(cast.bill)
    listed = browser.get(reverse("admin:accounts_client_changelist")).content.decode()
    record = browser.get(reverse("admin:record", args=[cast.timo.pk])).content.decode()
    assert "Timo Gray" in listed and "gina@example.com" in listed
    told = browser.get(reverse("admin:accounts_client_history", args=[cast.timo.pk])).content.decode()
    for page in (listed, record, told):
        assert all(
            word not in page for word in ("second@example.com", "Invitation", "Gina Gray", "Care team", "Dana Diaz")
        )


def test_the_menu_holds_only_what_a_role_may_open(cast, signed_in):
    home = signed_in(cast.bill).get(reverse("admin:index"))
    menu = [[page["name"] for page in section["models"]] for section in home.context["available_apps"]]
    assert menu == [["Clients", "Profile changes"], ["Appointments", "Services"], ["Insurances"], ["Files"]]


@pytest.mark.parametrize(
    "path", ["", "accounts/client/", "accounts/practice/1/change/", "autocomplete/", "jsi18n/", "login/"]
)
def test_g3_staff_without_a_second_step_get_nothing(practice, signed_in, path):
    nora = factories.staff("Nora New", "Owner", factor=False)
    answer = signed_in(nora).get(f"/admin/{path}", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("accounts:security") or "/admin" not in answer.redirect_chain[-1][0]
    assert answer.resolver_match.namespace != "admin"


def test_g3_nor_do_their_posts_reach_anything(cast, signed_in):
    nora = factories.staff("Nora New", "Owner", factor=False)
    before = snapshot()
    signed_in(nora).post(reverse("admin:accounts_client_do", args=[cast.bob_client.pk, "archive"]))
    signed_in(nora).post(reverse("admin:accounts_client_add"), {**FORGED, "name": "New"})
    assert snapshot() == before
    assert not RecordView.objects.exists()


def test_clients_find_no_staff_page(cast, signed_in):
    browser = signed_in(cast.alice)
    for url in (
        "/admin/",
        reverse("admin:record", args=[cast.alice_client.pk]),
        reverse("admin:accounts_client_changelist"),
    ):
        answer = browser.get(url, follow=True)
        assert answer.status_code == 403
        assert b"Alice Adams" not in answer.content


def test_djangos_own_log_stays_empty(cast, signed_in):
    from django.contrib.admin.models import LogEntry

    form = {"name": "Carl Cole", "email": "carl@example.com", "time_zone": "UTC", "language": "en"}
    signed_in(cast.rhea).post(reverse("admin:accounts_client_add"), form)
    assert Client.objects.filter(name="Carl Cole").exists()
    assert not LogEntry.objects.exists()


def test_djangos_way_to_a_row_on_the_public_site_is_closed(cast, signed_in):
    """It looks into whatever table the address names, and fails where there is none."""
    content_type = ContentType.objects.get_for_model(MiddlewareEvents)
    assert signed_in(cast.dana).get(f"/admin/r/{content_type.pk}/1/").status_code == 404
