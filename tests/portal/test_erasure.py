"""S67, S74, G22: nobody is deleted by the way; who asks to be forgotten is, from every table and its history."""

import json
import threading
from datetime import date

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.test import Client as Browser
from django.urls import reverse

from accounts.actions import kept_forms
from accounts.actions.clients import archive_client, restore_client, save_client
from accounts.actions.invitations import send_invitation
from accounts.models import (
    Access,
    CareTeamMember,
    Client,
    Invitation,
    KeptForm,
    OutgoingMail,
    Provider,
    RecordView,
    SecurityEvent,
    User,
)
from accounts.permissions import Refused
from accounts.privacy import Privacy
from billing.models import Coverage
from portal.actions.erasure import CannotErase, erase_client
from portal.erasure import NAME, OF_CLIENT, OF_LOGIN, Fate, plan
from portal.tasks import build_export
from tests import factories
from tests import world as worlds
from tests.portal.archives import fill
from tests.test_isolation import fresh
from uploads.models import Download, Export, Upload, UploadRequest

FIRST, LAST, STREET = "Zephyrine", "Quillfeather", "Mockingbird"
ADDRESS, PHONE = "zephyrine.quillfeather@mockingbird.example", "+1 212 555 7391"
CANARIES = [FIRST, LAST, STREET, ADDRESS, PHONE, "5557391", "1961-02-28", "1971-02-03"]


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path


@pytest.fixture
def house(cast, run_jobs):
    """The world, and in it somebody who is to be erased, with a row of every kind and a changed past."""
    worlds.fill(cast)
    cast.zoe = factories.user(f"{FIRST} {LAST}", email=ADDRESS)
    cast.zoe_client = person = Client(
        name=f"{FIRST} {LAST}", email=ADDRESS, phone=PHONE, birth_date=date(1961, 2, 28), address=f"{STREET} Lane 4"
    )
    save_client(person, by=cast.olga)
    factories.access(cast.zoe, person)
    worlds.fill_client(person, by=cast.olga)
    cast.seats["zoe"] = worlds.fill_login(cast.zoe)
    cast.files = [fill(person, login=cast.zoe, staff=cast.dana)]
    Client.objects.filter(pk=person.pk).update(pronouns=f"{FIRST}-ish", phone=PHONE)
    person.refresh_from_db()
    kept_forms.keep(f"/admin/client/{person.pk}/", [("text", [f"{FIRST} said"])], by=cast.dana)
    Export.objects.create(client=person, user=cast.zoe)
    run_jobs(due_only=True)
    return cast


def erase(house, client=None, by=None):
    client = client or house.zoe_client
    archive_client(client, by=house.olga)
    return erase_client(client, by=by or house.olga, address="192.0.2.9")


def text_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f'select * from "{table}"')
        return "\n".join(str(row) for row in cursor.fetchall())


def traces_of(canaries):
    """(table, canary) wherever in the whole database one of them still sings."""
    found = set()
    for table in connection.introspection.table_names():
        text = text_of(table).casefold()
        found |= {(table, canary) for canary in canaries if canary.casefold() in text}
    return found


# Nobody is deleted by the way ------------------------------------------------------------------


def test_s67_a_client_with_anything_is_not_deleted_by_orm_nor_in_bulk(house):
    for attempt in (
        house.alice_client.delete,
        Client.objects.filter(name="Alice Adams").delete,
        Client.objects.all().delete,
    ):
        with pytest.raises((ProtectedError, RestrictedError)), transaction.atomic():
            attempt()
    assert Client.objects.filter(name="Alice Adams").exists()


OWN_CLIENT = [one for one in worlds.client_owned() if one is not Client and "__" not in one.belongs_to.path]


@pytest.mark.parametrize("model", OWN_CLIENT, ids=lambda m: m.__name__)
def test_s67_one_row_of_any_kind_is_enough_for_the_database_to_refuse(house, model):
    """A foreign key that protects, whatever asks: a raw DELETE as well."""
    key = model._meta.get_field(model.belongs_to.path)
    assert key.remote_field.on_delete.__name__ == "PROTECT"
    with connection.cursor() as cursor:
        cursor.execute(
            "select confdeltype from pg_constraint where contype = 'f' and conrelid = %s::regclass"
            " and confrelid = 'accounts_client'::regclass",
            [model._meta.db_table],
        )
        assert cursor.fetchall() == [("a",)], "no action: the row stays"


@pytest.mark.parametrize(
    "statement", ["delete from accounts_client where id = %s", "delete from accounts_client where id = %s or true"]
)
def test_s67_raw_sql_is_refused_by_the_database_itself(house, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [house.alice_client.pk])
        cursor.execute("set constraints all immediate")
    assert Client.objects.filter(pk=house.alice_client.pk).exists()


def test_s67_the_admin_has_no_deletion_and_offers_to_archive(house):
    browser = fresh(house.olga)
    assert browser.post(f"/admin/accounts/client/{house.alice_client.pk}/delete/", {"post": "yes"}).status_code in {
        403,
        404,
    }
    browser.post(
        reverse("admin:accounts_client_changelist"),
        {"action": "delete_selected", "_selected_action": [str(house.alice_client.pk)], "post": "yes"},
    )
    assert Client.objects.filter(pk=house.alice_client.pk).exists()
    assert "Archive" in browser.get(reverse("admin:record", args=[house.alice_client.pk])).content.decode()


# Who may, when ---------------------------------------------------------------------------------


def test_only_an_archived_client_is_erased(house):
    with pytest.raises(CannotErase, match="archive the client first"):
        erase_client(house.zoe_client, by=house.olga)
    assert traces_of([LAST])


@pytest.mark.parametrize("who", ["dana", "rhea", "bill", "zoe", "alice"])
def test_only_an_owner_may(house, who):
    archive_client(house.zoe_client, by=house.olga)
    with pytest.raises(Refused):
        erase_client(house.zoe_client, by=getattr(house, who))


# What goes -------------------------------------------------------------------------------------


def test_s74_after_it_no_table_says_who_it_was(house):
    before = {table for table, _canary in traces_of(CANARIES)}
    assert {"accounts_client", "accounts_clientevent", "accounts_user", "accounts_userevent", "uploads_upload",
            "uploads_uploadevent", "uploads_uploadrequest", "billing_coverage", "billing_coverageevent",
            "billing_coveragechange", "accounts_profilechange", "accounts_invitation", "accounts_invitationevent",
            "accounts_outgoingmail", "account_emailaddress", "forms_app_draft", "forms_app_draftversion",
            "forms_app_questionnaireresponse", "forms_app_review", "forms_app_alert", "forms_app_assignment",
            "forms_app_assignmentevent"} <= before  # fmt: skip
    erase(house)
    # What stays: how the login signed in and from where, without its name (the reason stands in portal/erasure.py).
    kept = {("accounts_securityevent", FIRST)}
    # A provider, a service, a place are the practice's own, whatever they are called.
    own = ("accounts_provider", "appointments_service", "appointments_location")
    kept |= {(table + kind, FIRST) for table in own for kind in ("", "event")}
    # A signed form is kept as it was signed.
    kept |= {("forms_app_questionnaireresponse", name) for name in (FIRST, LAST)}
    assert traces_of(CANARIES) - kept == set()


def test_what_stays_is_what_the_list_says(house):
    erase(house)
    assert f"{FIRST}Browser" in text_of("accounts_securityevent")
    assert SecurityEvent in {rule.model for rule in OF_LOGIN if rule.fate == Fate.KEEP}


def test_encrypted_text_goes_too(house):
    """The canaries cannot be found in what is encrypted, so those rows have to be gone."""
    erase(house)
    assert not OutgoingMail.objects.filter(client=house.zoe_client).exists()
    assert not OutgoingMail.objects.filter(user=house.zoe).exists()
    assert not house.zoe.kept_forms.exists()
    assert not house.dana.kept_forms.exists(), "what staff were typing about the client"
    assert house.alice.kept_forms.exists() and OutgoingMail.objects.filter(client=house.bob_client).exists()


def test_what_others_were_typing_about_the_client_goes_wherever_they_typed_it(house):
    insurance = Coverage.objects.filter(client=house.zoe_client).first()
    edit, add = f"/admin/billing/coverage/{insurance.pk}/change/", "/insurance/add/"
    kept_forms.keep(edit, [("plan", [LAST])], by=house.bill)
    kept_forms.keep(add, [("person", [str(house.zoe_client.pk)]), ("plan", [LAST])], by=house.gina)
    kept_forms.keep(add, [("person", [str(house.bob_client.pk)]), ("plan", ["Gold"])], by=house.bob)
    erase(house)
    assert not KeptForm.objects.filter(user__in=[house.bill, house.gina], path__in=[edit, add]).exists()
    assert house.bob.kept_forms.filter(path=add).exists()


def test_the_bytes_of_files_go_once_it_is_certain(house, django_capture_on_commit_callbacks):
    names = [upload.file.name for upload in Upload.objects.filter(client=house.zoe_client)]
    names += [house.zoe_client.picture.name]
    others = [upload.file.name for upload in Upload.objects.filter(client=house.alice_client)]
    with django_capture_on_commit_callbacks() as waiting:
        erase(house)
    assert all(map(default_storage.exists, names)), "not before the transaction is through"
    [callback() for callback in waiting]
    assert len(names) > 5 and not any(map(default_storage.exists, names))
    assert all(map(default_storage.exists, others))


def test_every_row_of_others_is_as_it_was(house):
    archive_client(house.zoe_client, by=house.olga)
    own = {(model, row.pk) for model in worlds.client_owned() for row in worlds.rows_of(model, house.zoe_client)}

    def rows():
        return {
            (model.__name__, row.pk): [getattr(row, one.attname) for one in model._meta.concrete_fields]
            for model in worlds.client_owned()
            for row in model._base_manager.all()
            if (model, row.pk) not in own and getattr(row, "client_id", None) != house.zoe_client.pk
        }

    before = rows()
    erase(house)
    assert rows() == before


def test_nothing_goes_on_that_had_begun(house):
    waiting = list(Export.objects.filter(client=house.zoe_client).values_list("pk", flat=True))
    erase(house)
    mine = {"client": house.zoe_client}
    assert not Access.objects.filter(**mine).exists() and not Invitation.objects.filter(**mine).exists()
    assert not UploadRequest.objects.filter(**mine, status__in=["asked", "received", "send_again"]).exists()
    assert not Upload.objects.filter(**mine, withdrawn_at=None).exists()
    [build_export(str(key)) for key in waiting]
    assert waiting and not Export.objects.filter(**mine).exists()


def test_the_history_still_says_that_something_happened_and_nothing_of_whom(house):
    changed = Client.pgh_event_model.objects.filter(pgh_obj_id=house.zoe_client.pk)
    before = changed.count()
    erase(house)
    assert changed.count() >= before
    assert set(changed.values_list("name", flat=True)) == {NAME}


def test_the_history_is_append_only_again_afterwards(house):
    erase(house)
    events = Client.pgh_event_model.objects.filter(pgh_obj_id=house.zoe_client.pk)
    for attempt in (lambda: events.update(name="Forged"), events.delete):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            attempt()
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        RecordView.objects.all().delete()


def test_the_care_team_and_that_there_was_one_goes(house):
    assert CareTeamMember.objects.filter(client=house.zoe_client).exists()
    erase(house)
    assert not CareTeamMember.objects.filter(client=house.zoe_client).exists()
    assert not CareTeamMember.pgh_event_model.objects.filter(client_id=house.zoe_client.pk).exists()
    assert CareTeamMember.pgh_event_model.objects.filter(client_id=house.alice_client.pk).exists()
    assert Provider.objects.filter(name=f"{FIRST}'s dietitian").exists(), "a provider is the practice's"


# Logins ----------------------------------------------------------------------------------------


def test_a_login_without_another_client_is_closed_for_good(house):
    session = house.seats["zoe"].browser.session.session_key
    erase(house)
    zoe = User.objects.get(pk=house.zoe.pk)
    assert (zoe.is_active, zoe.name, zoe.has_usable_password()) == (False, "", False)
    assert zoe.email.endswith("erased.invalid")
    for model in (EmailAddress, Authenticator, UserSession):
        assert not model.objects.filter(user=zoe).exists()
    assert not Session.objects.filter(session_key=session).exists()
    assert house.seats["zoe"].browser.get("/").status_code == 302
    factories.user(f"{FIRST} {LAST}", email=ADDRESS)  # the address is free again


def test_a_login_with_another_client_stays_and_nothing_ties_it_to_the_erased_one(house):
    erase(house, house.timo)
    for model in (Access, Invitation, Export):
        assert not model.objects.filter(client=house.timo).exists()
        assert not model.pgh_event_model.objects.filter(client_id=house.timo.pk).exists()
    gina = User.objects.get(pk=house.gina.pk)
    assert gina.is_active and gina.name == "Gina Gray" and gina.check_password(factories.PASSWORD)
    assert [access.client for access in gina.access.filter(withdrawn_at=None)] == [house.lena]
    assert fresh(gina).get(reverse("portal:dashboard")).status_code == 200
    kept = {"accounts_provider", "accounts_providerevent", "forms_app_questionnaireresponse"}
    assert {table for table, _canary in traces_of(["Timo"])} == kept


def test_when_the_last_child_is_erased_the_guardians_login_goes_too(house):
    erase(house, house.timo), erase(house, house.lena)
    assert not User.objects.get(pk=house.gina.pk).is_active
    assert not traces_of(["gina@example.com"])


# Once ------------------------------------------------------------------------------------------


def test_a_second_time_changes_nothing(house):
    first = erase(house)
    before = traces_of([NAME]), first.erased_at, first.erasure, SecurityEvent.objects.count()
    again = erase_client(house.zoe_client, by=house.olga)
    assert (traces_of([NAME]), again.erased_at, again.erasure, SecurityEvent.objects.count()) == before


def test_it_happens_wholly_or_not_at_all(house, monkeypatch):
    archive_client(house.zoe_client, by=house.olga)
    before = worlds.snapshot()

    def fails(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr("portal.actions.erasure.traces.note", fails)
    with pytest.raises(RuntimeError):
        erase_client(house.zoe_client, by=house.olga)
    assert worlds.snapshot() == before


@pytest.mark.django_db(transaction=True)
def test_two_of_the_staff_at_once_erase_once(house):
    second = factories.staff("Otto Owens", "Owner")
    archive_client(house.zoe_client, by=house.olga)
    start, done = threading.Barrier(2, timeout=10), []

    def press(by):
        start.wait()
        done.append(erase_client(house.zoe_client, by=User.objects.get(pk=by)).erased_at)
        connection.close()

    threads = [threading.Thread(target=press, args=[user.pk]) for user in (house.olga, second)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(done) == 2 and done[0] == done[1]
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.ERASED).count() == 1


def test_an_erased_client_is_not_restored_edited_or_invited(house):
    person = erase(house)
    with pytest.raises(Refused):
        restore_client(person, by=house.olga)
    person.name = f"{FIRST} again"
    with pytest.raises(Refused):
        save_client(person, by=house.olga)
    with pytest.raises(Exception, match="archive"):
        send_invitation(person, by=house.olga, email="new@example.com")


# The report ------------------------------------------------------------------------------------


def test_what_stayed_is_kept_with_the_client_and_says_nothing_of_anybody(house):
    looked = RecordView.objects.filter(client=house.zoe_client).count()
    opened = Download.objects.filter(client=house.zoe_client).count()
    person = erase(house)
    assert person.erasure["kept"]["accounts.RecordView"] == looked > 0
    assert person.erasure["kept"]["uploads.Download"] == opened > 0
    assert person.erasure["removed"]["uploads.Upload"] > 3 and person.erasure["removed"]["accounts.User"] == 1
    assert RecordView.objects.filter(client=person).count() == looked
    assert not [canary for canary in CANARIES if canary in json.dumps(person.erasure)]


def test_who_did_it_is_written_down(house):
    erase(house)
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.ERASED)
    assert event.user == house.olga and event.detail == str(house.zoe_client.pk) and event.address == "192.0.2.9"


def test_the_plan_says_beforehand_what_the_report_says_afterwards(house):
    archive_client(house.zoe_client, by=house.olga)
    before = plan(house.zoe_client).counts()
    assert erase_client(house.zoe_client, by=house.olga).erasure == before


# All models ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", worlds.client_owned(), ids=lambda model: model.__name__)
def test_s74_every_model_of_a_client_has_its_fate(model):
    assert [rule.model for rule in OF_CLIENT].count(model) == 1


def of_logins():
    """Models whose rows hang on a login and on no client."""
    ours = [model for app in worlds.APPS for model in apps.get_app_config(app).get_models()]
    theirs = [EmailAddress, Authenticator, UserSession]
    known = [model for model in ours if not hasattr(model, "belongs_to") and not hasattr(model, "pgh_tracked_model")]
    return [model for model in [*known, *theirs] if any(one.name == "user" for one in model._meta.fields)]


@pytest.mark.parametrize("model", of_logins(), ids=lambda model: model.__name__)
def test_s74_every_model_of_a_login_has_its_fate(model):
    # Staff's: roles and the public face of a provider.
    assert model in {rule.model for rule in OF_LOGIN} or model.__name__ in {"Provider", "RoleHeld"}


@pytest.mark.parametrize(
    "rule", [rule for rule in (*OF_CLIENT, *OF_LOGIN) if rule.fate == Fate.BLANK], ids=lambda r: r.model.__name__
)
def test_every_field_that_speaks_of_a_person_is_blanked_or_a_key(rule):
    for name, kind in rule.model.privacy.items():
        if kind != Privacy.SAFE:
            assert name in rule.blanks() or rule.model._meta.get_field(name).is_relation


@pytest.mark.parametrize(
    "rule", [rule for rule in (*OF_CLIENT, *OF_LOGIN) if rule.fate == Fate.KEEP], ids=lambda r: r.model.__name__
)
def test_what_is_kept_says_why(rule):
    assert len(str(rule.why)) > 20


@pytest.mark.parametrize(
    "rule", [rule for rule in (*OF_CLIENT, *OF_LOGIN) if rule.endings], ids=lambda r: r.model.__name__
)
def test_what_is_ended_ends_by_its_own_table_of_states(rule):
    for found, values in rule.endings:
        starts = found.get("status__in") or [found["status"]]
        assert all(values["status"] in rule.model.TRANSITIONS[start] for start in starts)


# The page --------------------------------------------------------------------------------------


def page_of(house):
    return reverse("admin:erase", args=[house.zoe_client.pk])


def test_the_page_lists_what_goes_and_what_stays_and_asks_for_the_name(house):
    archive_client(house.zoe_client, by=house.olga)
    browser = fresh(house.olga)
    assert page_of(house) in browser.get(reverse("admin:record", args=[house.zoe_client.pk])).content.decode()
    page = browser.get(page_of(house)).content.decode()
    assert "What is erased" in page and "What stays" in page and "provable afterwards" in page
    assert ADDRESS in page, "the login that is closed by it"
    answer = browser.post(page_of(house), {"confirm": "somebody else"})
    assert answer.status_code == 422 and "does not match" in answer.content.decode()
    assert Client.objects.get(pk=house.zoe_client.pk).erased_at is None
    answer = browser.post(page_of(house), {"confirm": f" {FIRST} {LAST} "}, follow=True)
    assert "What stayed" in answer.content.decode() and Client.objects.get(pk=house.zoe_client.pk).erased_at


def test_a_client_who_is_not_archived_is_to_be_archived_first(house):
    browser = fresh(house.olga)
    page = browser.get(page_of(house)).content.decode()
    assert "Please archive the client first" in page and "confirm" not in page
    answer = browser.post(page_of(house), {"confirm": f"{FIRST} {LAST}"})
    assert answer.status_code == 422 and Client.objects.get(pk=house.zoe_client.pk).erased_at is None


def test_erasing_asks_again_who_one_is(house):
    archive_client(house.zoe_client, by=house.olga)
    browser = Browser()
    browser.force_login(house.olga)
    answer = browser.post(page_of(house), {"confirm": f"{FIRST} {LAST}"})
    assert answer.status_code == 302 and "reauthenticate" in answer.url
    assert Client.objects.get(pk=house.zoe_client.pk).erased_at is None


@pytest.mark.parametrize("who", ["rhea", "bill"])
def test_the_page_is_for_owners(house, who):
    archive_client(house.zoe_client, by=house.olga)
    browser = fresh(getattr(house, who))
    assert browser.get(page_of(house)).status_code == 403
    assert page_of(house) not in browser.get(reverse("admin:record", args=[house.zoe_client.pk])).content.decode()


def test_an_erased_client_has_a_record_that_says_so(house):
    erase(house)
    page = fresh(house.olga).get(reverse("admin:record", args=[house.zoe_client.pk])).content.decode()
    assert NAME in page and "Erased" in page and "Take out of the archive" not in page
