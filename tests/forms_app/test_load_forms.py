"""`manage.py load_forms`: the ready-made forms come in once, and what the practice made of them stays."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.permissions import Refused
from forms_app import ready_made
from forms_app.actions import library, questionnaires
from forms_app.actions.questionnaires import CannotBuild
from forms_app.models import Questionnaire

pytestmark = pytest.mark.django_db


def load(*names, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command("load_forms", *names, stdout=out, stderr=err, **options)
    except CommandError as error:
        return f"{out.getvalue()}{err.getvalue()}{error}"
    return out.getvalue()


def everything():
    """As it is stored, the moments of change too."""
    return list(Questionnaire.objects.order_by("pk").values())


@pytest.fixture
def newer(monkeypatch):
    """`newer(version)` makes the file of the PHQ-9 one of that version, as a later release would bring it."""
    real = ready_made.resource_of

    def make(version="2.0"):
        monkeypatch.setattr(
            ready_made, "resource_of", lambda name: {**real(name), "version": version, "title": f"PHQ-9 ({version})"}
        )

    return make


def test_all_of_them_come_in_as_drafts(db):
    said = load()
    assert set(Questionnaire.objects.values_list("url", flat=True)) == {
        ready_made.resource_of(name)["url"] for name in ready_made.names()
    }
    assert set(Questionnaire.objects.values_list("status", "version")) == {("draft", "1.0")}
    assert all(f"{name}: loaded" in said for name in ready_made.names())


def test_those_that_are_named_come_in_and_no_others():
    load("phq-9", "gad-7")
    assert Questionnaire.objects.count() == 2


def test_a_name_that_is_none_loads_nothing_and_says_what_there_is():
    said = load("phq-9", "phq-10")
    assert "There is no phq-10." in said and "audit-c" in said
    assert not Questionnaire.objects.exists()


def test_published_they_can_be_assigned_at_once():
    load(publish=True)
    assert Questionnaire.objects.active().count() == len(ready_made.names())


def test_the_same_version_again_does_nothing():
    load(publish=True)
    before = everything()
    said = load()
    load(publish=True)
    assert everything() == before and "is there already" in said


def test_a_draft_that_was_loaded_is_published_later():
    load("phq-9")
    load("phq-9", publish=True)
    assert Questionnaire.objects.get().status == "active"


def test_a_newer_file_makes_a_new_version_and_the_published_one_stays(newer):
    load("phq-9", publish=True)
    before = Questionnaire.objects.filter(version="1.0").values().get()
    newer()
    load("phq-9")
    assert Questionnaire.objects.filter(version="1.0").values().get() == before
    assert Questionnaire.objects.get(version="2.0").status == "draft"
    load("phq-9")
    assert Questionnaire.objects.count() == 2


def test_a_newer_file_published_takes_the_place_of_the_one_before(newer):
    load("phq-9", publish=True)
    newer()
    load("phq-9", publish=True)
    assert dict(Questionnaire.objects.values_list("version", "status")) == {"1.0": "retired", "2.0": "active"}


def test_what_the_practice_changed_before_publishing_stays(cast):
    load("phq-9")
    row = Questionnaire.objects.get()
    questionnaires.rename(row, by=cast.olga, revision=row.revision, title="Our own questions")
    load("phq-9", publish=True)
    row.refresh_from_db()
    assert (row.title, row.status) == ("Our own questions", "active")


def test_a_retired_one_is_not_brought_back():
    load("phq-9", publish=True)
    questionnaires.retire(Questionnaire.objects.get(), by=None)
    load("phq-9", publish=True)
    assert Questionnaire.objects.get().status == "retired"


def test_while_the_practice_has_a_draft_a_newer_file_waits_and_says_so(newer):
    load("phq-9", "gad-7", publish=True)
    questionnaires.new_version(Questionnaire.objects.get(title__contains="PHQ"), by=None)
    newer()
    said = load("phq-9")
    assert "There is a draft of this form already" in said and "Not loaded: phq-9." in said
    assert not Questionnaire.objects.filter(version="2.0").exists()


def test_one_that_cannot_be_loaded_keeps_no_other_from_it(monkeypatch):
    real = ready_made.resource_of
    broken = {"resourceType": "Questionnaire", "url": "urn:uuid:1", "version": "1.0", "title": "Broken"}
    monkeypatch.setattr(ready_made, "resource_of", lambda name: broken if name == "gad-7" else real(name))
    said = load("gad-7", "phq-9")
    assert "Not loaded: gad-7." in said and "phq-9: loaded" in said
    assert Questionnaire.objects.get().title == real("phq-9")["title"]


def test_nothing_half_is_stored_when_publishing_is_refused(monkeypatch):
    resource = ready_made.resource_of("phq-9")
    monkeypatch.setattr("forms_app.actions.library.publish", refuse)
    with pytest.raises(CannotBuild):
        library.load(resource, by=None, is_published=True)
    assert not Questionnaire.objects.exists()


def refuse(row, *, by):
    raise CannotBuild("No.")


@pytest.mark.parametrize("who", ["dana", "rhea", "bill", "alice"])
def test_only_who_builds_forms_may_load_them(cast, who):
    with pytest.raises(Refused):
        library.load(ready_made.resource_of("phq-9"), by=getattr(cast, who))
    assert not Questionnaire.objects.exists()


def test_help_names_them_all(capsys):
    with pytest.raises(SystemExit):
        call_command("load_forms", "--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "general-intake" in said and "--publish" in said
