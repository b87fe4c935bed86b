"""S74: who asks to be forgotten is, from forms too; what was signed is kept, and the client is told why."""

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction

from accounts.actions.clients import archive_client
from billing.models import Coverage
from forms_app.actions import assignments, reviews
from forms_app.models import (
    Alert,
    Assignment,
    Attachment,
    Draft,
    DraftVersion,
    Questionnaire,
    QuestionnaireResponse,
    Review,
)
from portal.actions.erasure import erase_client
from portal.erasure import plan, said
from tests import world as worlds
from tests.forms_app.house import asked, item, save, submitted
from tests.test_isolation import fresh
from uploads.models import Upload

SECRET = "Quillfeather"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def house(cast):
    worlds.fill(cast)
    return cast


def erase(cast, person):
    archive_client(person, by=cast.olga)
    return erase_client(person, by=cast.olga)


def of(model, person):
    return model._base_manager.filter(client=person)


def test_drafts_and_the_list_of_their_files_go_with_all_that_was_typed(house):
    person = house.alice_client
    erase(house, person)
    for model in (Draft, DraftVersion, Attachment):
        assert not of(model, person).exists() and of(model, house.bob_client).exists()
    assert not Attachment.pgh_event_model.objects.filter(client_id=person.pk).exists()


def test_an_unsigned_form_says_nothing_any_more(house):
    person = house.alice_client
    erase(house, person)
    row = of(QuestionnaireResponse, person).get(is_signed=False)
    assert (row.resource, row.scores, row.sha256, row.address, row.pdf.name) == ({}, {}, "", None, "")
    assert row.submitted_at and row.number == 1, "that there was one, and when, stays"


def test_a_signed_form_is_kept_as_it_was_signed(house):
    person = house.alice_client
    before = of(QuestionnaireResponse, person).get(is_signed=True)
    erase(house, person)
    after = QuestionnaireResponse.objects.get(pk=before.pk)
    for field in QuestionnaireResponse._meta.concrete_fields:
        assert getattr(after, field.attname) == getattr(before, field.attname), field.attname
    assert default_storage.exists(after.pdf.name)


def test_the_bytes_of_an_unsigned_forms_pdf_go_once_it_is_certain(house, django_capture_on_commit_callbacks):
    rows = of(QuestionnaireResponse, house.alice_client)
    gone, kept = rows.get(is_signed=False).pdf.name, rows.get(is_signed=True).pdf.name
    with django_capture_on_commit_callbacks() as waiting:
        erase(house, house.alice_client)
    assert default_storage.exists(gone)
    [callback() for callback in waiting]
    assert not default_storage.exists(gone) and default_storage.exists(kept)


def test_comments_and_alerts_say_nothing_any_more(house):
    erase(house, house.alice_client)
    for review in of(Review, house.alice_client):
        assert (review.comment, review.comments) == ("", {}) and review.decided_by_id
    alert = of(Alert, house.alice_client).get()
    assert (alert.link_id, alert.question, alert.answer) == ("", "", "")
    events = Alert.pgh_event_model.objects.filter(pgh_obj_id=alert.pk)
    assert events.exists() and set(events.values_list("question", "answer")) == {("", "")}


def test_open_forms_end_and_the_history_says_no_words(house):
    erase(house, house.alice_client)
    rows = of(Assignment, house.alice_client)
    assert set(rows.values_list("status", "comment")) == {("cancelled", ""), ("accepted", "")}
    events = Assignment.pgh_event_model.objects.filter(pgh_obj_id__in=rows.values("pk"))
    assert set(events.values_list("comment", flat=True)) == {""}


def test_forms_themselves_are_the_practices_and_stay(house):
    erase(house, house.alice_client)
    assert Questionnaire.objects.get().resource["item"]


def test_what_others_said_is_as_it_was(house):
    def rows():
        models = (Alert, Review, QuestionnaireResponse, Draft, DraftVersion, Attachment, Assignment)
        return [list(of(model, house.bob_client).order_by("pk").values()) for model in models]

    before = rows()
    erase(house, house.alice_client)
    assert rows() == before and all(before)


def test_the_list_says_what_goes_and_what_stays_and_why(house):
    found = plan(house.alice_client)
    removed = {line.label: line.count for line in found.removed}
    kept = {line.label: line for line in found.kept}
    assert removed["forms_app.QuestionnaireResponse"] == 1 == kept["forms_app.QuestionnaireResponse"].count
    assert "signed" in kept["forms_app.QuestionnaireResponse"].why
    assert removed["forms_app.Draft"] == removed["forms_app.DraftVersion"] == 1
    assert "forms_app.Draft" not in kept and "accounts.RecordView" not in removed
    report = erase(house, house.alice_client).erasure
    assert report == found.counts()
    assert "signed" in next(
        line.why for line in said(report["kept"]) if line.label == "forms_app.QuestionnaireResponse"
    )


def test_the_page_says_that_signed_forms_stay(house):
    archive_client(house.alice_client, by=house.olga)
    page = fresh(house.olga).get(f"/admin/client/{house.alice_client.pk}/erase/").content.decode()
    assert "A signed form has to be kept as it was signed" in page


def test_without_a_signed_form_nothing_of_forms_is_kept(cast):
    submitted(cast.alice_client, cast.alice, item("a"), answers={"a": SECRET})
    assert "forms_app.QuestionnaireResponse" not in {line.label for line in plan(cast.alice_client).kept}
    erase(cast, cast.alice_client)
    with connection.cursor() as cursor:
        for table in [name for name in connection.introspection.table_names() if name.startswith("forms_app")]:
            cursor.execute(f'select * from "{table}"')
            assert SECRET not in str(cursor.fetchall()), table


def test_afterwards_what_is_written_once_is_so_again(house):
    erase(house, house.alice_client)
    attempts = (
        lambda: QuestionnaireResponse.objects.filter(client=house.bob_client).update(sha256="0" * 64),
        lambda: QuestionnaireResponse.objects.all().delete(),
        lambda: Review.objects.all().update(comment="Forged"),
        lambda: QuestionnaireResponse.objects.filter(client=house.alice_client).update(resource={"forged": 1}),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


@pytest.mark.parametrize("model", [Alert, Assignment, Upload, Coverage], ids=lambda model: model.__name__)
def test_erasing_lifts_only_what_seals_so_the_history_says_that_it_happened(house, model):
    keys = list(of(model, house.alice_client).values_list("pk", flat=True))
    events = model.pgh_event_model.objects.filter(pgh_obj_id__in=keys)
    before = events.count()
    erase(house, house.alice_client)
    assert keys and events.count() >= before + len(keys)


def test_a_form_that_is_returned_or_typed_when_the_client_is_erased_is_over(cast):
    row = asked(cast.alice_client, item("a"))
    save(row, cast.alice, a=SECRET)
    response = submitted(cast.alice_client, cast.alice, item("a"), answers={"a": SECRET}, url="http://example.org/2")
    reviews.send_back(response, by=cast.olga, comment=SECRET)
    erase(cast, cast.alice_client)
    assert set(of(Assignment, cast.alice_client).values_list("status", flat=True)) == {"cancelled"}
    with pytest.raises(Exception, match="archive"):
        assignments.assign(client=cast.alice_client, questionnaire=row.questionnaire, by=cast.olga)
