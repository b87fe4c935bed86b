"""Forms are made, imported, changed, published, replaced and retired. What is published stays as it is."""

import json
from copy import deepcopy

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from forms_app import building
from forms_app.actions import assignments, items
from forms_app.actions import questionnaires as verbs
from forms_app.hashing import sha256
from forms_app.models import Questionnaire
from forms_app.reading import questionnaire_of
from forms_app.wording import one_line
from tests.forms_app import corpus
from tests.forms_app.house import item, resource, save, submit
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast):
    """A draft with one question, a."""
    return verbs.import_resource(resource(item("a")), by=cast.olga)


def again(row):
    return Questionnaire.objects.get(pk=row.pk)


def form(**more):
    return resource(item("a"), **more)


# Making ----------------------------------------------------------------------------------------


def test_a_new_form_is_an_empty_draft_with_an_address_of_its_own(cast):
    one, other = (verbs.create(title="Intake", by=cast.olga) for _ in range(2))
    assert one.status == "draft" and one.url.startswith("urn:uuid:") and one.url != other.url
    assert (one.version, one.title, one.created_by, one.changed_by) == ("1", "Intake", cast.olga, cast.olga)
    assert one.resource["resourceType"] == "Questionnaire" and one.resource["status"] == "draft"


def test_row_and_resource_say_the_same(cast):
    row = verbs.create(title="Intake", by=cast.olga, description="For everybody", minutes=5)
    row = verbs.rename(row, by=cast.olga, revision=0, title="New intake", minutes=7)
    row = again(row)
    assert (row.title, row.minutes) == ("New intake", 7) == (row.resource["title"], 7)
    assert "description" not in row.resource
    assert (row.url, row.version, row.status) == tuple(row.resource[name] for name in ("url", "version", "status"))


def test_importing_keeps_the_whole_resource(cast):
    strange = form(extension=[{"url": "http://example.org/x", "valueString": "kept"}], publisher="Us", date="2020-01")
    row = again(verbs.import_resource({**strange, "status": "active"}, by=cast.olga))
    assert row.resource == {**strange, "status": "draft"}


def test_what_is_given_to_import_is_not_changed(cast):
    given = form(status="active")
    before = deepcopy(given)
    verbs.import_resource(given, by=cast.olga)
    assert given == before


def test_a_form_without_address_version_and_title_gets_them(cast):
    bare = {"resourceType": "Questionnaire", "status": "draft", "name": "Intake", "item": [item("a")]}
    row = verbs.import_resource(bare, by=None)
    assert row.url.startswith("urn:uuid:") and row.version == "1" and row.title == "Intake"
    assert (row.resource["url"], row.resource["version"]) == (row.url, row.version)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("1", "2", "2"), ("1", "1", "2"), ("1", None, "2"), ("1.0.9", "1.0.9", "1.0.10"), ("A", "A", "A-2")],
)
def test_a_known_address_is_a_new_version(cast, first, second, expected):
    verbs.publish(verbs.import_resource(form(version=first), by=cast.olga), by=cast.olga)
    given = form(version=second) if second else {k: v for k, v in form().items() if k != "version"}
    row = verbs.import_resource(given, by=cast.olga)
    assert row.version == row.resource["version"] == expected


def test_a_version_that_is_as_long_as_can_be_still_finds_a_next(cast):
    verbs.publish(verbs.import_resource(form(version="v" * 40), by=cast.olga), by=cast.olga)
    row = verbs.import_resource(form(version="v" * 40), by=cast.olga)
    assert len(row.version) == 40 and row.version.endswith("-2")


def test_nothing_is_imported_beside_an_open_draft(cast, draft):
    with pytest.raises(verbs.CannotBuild, match="draft of this form already"):
        verbs.import_resource(form(version="2"), by=cast.olga)
    assert Questionnaire.objects.count() == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Patient"},
        form(item=[item("a"), item("a")]),
        form(item=[item("a", "reference")]),
        [],
        "x",
        None,
        7,
    ],
)
def test_nothing_is_imported_by_halves(cast, broken):
    with pytest.raises(verbs.HasProblems) as refused:
        verbs.import_resource(broken, by=cast.olga)
    assert any(found.severity == "error" for found in refused.value.problems)
    assert not Questionnaire.objects.exists()


@pytest.mark.parametrize(
    "unstorable",
    [
        form(title="NUL \0 here"),
        form(item=[item("a", text="half \ud800")]),
        form(item=[item("a", maxLength=float("inf"))]),
        form(publisher={"a": [float("nan")]}),
        form(item=[item("a\0")]),
        form(url="http://example.org/" + "x" * 250),
        form(version="1" * 41),
        form(url="  "),
        form(url="http://example.org/\x07"),
    ],
)
def test_what_the_database_could_not_hold_is_refused_in_words(cast, unstorable):
    with pytest.raises(verbs.CannotBuild) as refused:
        verbs.import_resource(unstorable, by=cast.olga)
    assert str(refused.value)
    assert not Questionnaire.objects.exists()


def test_words_that_only_look_like_nul_are_words(cast):
    text = r"a \u0000 in a text"
    assert again(verbs.import_resource(form(item=[item("a", text=text)]), by=None)).resource["item"][0]["text"] == text


def test_a_long_or_strange_title_is_cut_for_lists_and_whole_in_the_resource(cast):
    title = "Long " * 60
    row = again(verbs.import_resource(form(title=title), by=cast.olga))
    assert len(row.title) == 200 and row.title.endswith("…") and row.resource["title"] == title
    assert one_line("two\nlines\tand \u202e more") == "two lines and more"
    assert one_line("") == one_line(" \n ") == "Form without a title"


@pytest.mark.parametrize("name", corpus.questionnaires())
def test_real_ones_come_in_whole_or_not_at_all(cast, name):
    given = corpus.load("questionnaires", *name.split("/"))
    before = Questionnaire.objects.count()
    try:
        row = again(verbs.import_resource(given, by=None))
    except verbs.CannotBuild:
        assert Questionnaire.objects.count() == before
        return
    ours = {name: row.resource[name] for name in ("status", "url", "version", "title")}
    assert sha256(row.resource) == sha256({**given, **ours})


@pytest.mark.parametrize("name", corpus.malformed())
def test_broken_ones_come_in_whole_or_not_at_all(cast, name):
    try:
        verbs.import_resource(corpus.load("malformed", *name.split("/")), by=None)
    except verbs.CannotBuild:
        assert not Questionnaire.objects.exists()


# Who may ---------------------------------------------------------------------------------------


def everything(row, by):
    yield lambda: verbs.create(title="x", by=by)
    yield lambda: verbs.import_resource(form(url="http://example.org/other"), by=by)
    yield lambda: verbs.rename(row, by=by, revision=0, title="x")
    yield lambda: verbs.publish(row, by=by)
    yield lambda: verbs.retire(row, by=by)
    yield lambda: verbs.new_version(row, by=by)
    yield lambda: verbs.discard(row, by=by)
    yield lambda: items.add_item(row, by=by, revision=0, kind="string", changes={"text": "x"})
    yield lambda: items.edit_item(row, "a", by=by, revision=0, changes={"text": "x"})
    yield lambda: items.set_conditions(row, "a", by=by, revision=0, rows=[], behavior="any")
    yield lambda: items.move_item(row, "a", "up", by=by, revision=0)
    yield lambda: items.move_item_to(row, "a", by=by, revision=0, first=True)
    yield lambda: items.group_items(row, ["a"], by=by, revision=0, text="x")
    yield lambda: items.duplicate_item(row, "a", by=by, revision=0)
    yield lambda: items.remove_item(row, "a", by=by, revision=0)


@pytest.mark.parametrize("who", ["alice", "bill", "rhea", "dana"])
def test_only_who_runs_the_practice_builds(cast, draft, who):
    before = list(Questionnaire.objects.values())
    for verb in everything(draft, getattr(cast, who)):
        with pytest.raises(Refused):
            verb()
    assert list(Questionnaire.objects.values()) == before


# Changing --------------------------------------------------------------------------------------


def test_an_item_is_added_edited_moved_grouped_copied_and_removed(cast, draft):
    by = cast.olga
    made = items.add_item(draft, by=by, revision=0, kind="integer", changes={"text": "How many?", "minimum": "0"})
    items.edit_item(draft, made, by=by, revision=1, changes={"required": True})
    items.set_conditions(draft, made, by=by, revision=2, rows=[building.Row("a", "exists")], behavior="any")
    items.move_item(draft, made, "up", by=by, revision=3)
    items.move_item_to(draft, made, by=by, revision=4, after="a")
    group = items.group_items(draft, ["a", made], by=by, revision=5, text="Both")
    copy = items.duplicate_item(draft, made, by=by, revision=6)
    items.remove_item(draft, "a", by=by, revision=7)
    row = again(draft)
    assert row.revision == 8 and row.changed_by == by
    assert [each["linkId"] for each in row.resource["item"]] == [group]
    assert [each["linkId"] for each in row.resource["item"][0]["item"]] == [made, copy] == ["how-many", "how-many-2"]
    assert building.find(row.resource, made)["required"] is True
    assert "enableWhen" not in building.find(row.resource, made)


def test_every_verb_notices_that_somebody_else_changed_the_form(cast, draft):
    """Two of the staff at once: nothing is overwritten, and the second reads who it was."""
    other = cast.olga
    items.edit_item(draft, "a", by=other, revision=0, changes={"text": "Theirs"})
    before = again(draft).resource
    stale = list(everything(draft, cast.olga))
    for verb in [stale[2], *stale[7:]]:
        with pytest.raises(verbs.ChangedElsewhere, match="Olga Owens changed this form at"):
            verb()
    for publish in (verbs.publish, verbs.discard):
        with pytest.raises(verbs.ChangedElsewhere):
            publish(draft, by=cast.olga, revision=0)
    assert again(draft).resource == before


def test_what_changes_nothing_is_no_change(cast, draft):
    items.move_item(draft, "a", "up", by=cast.olga, revision=0)
    items.edit_item(draft, "a", by=cast.olga, revision=0, changes={})
    assert again(draft).revision == 0


@pytest.mark.parametrize(
    "verb",
    [
        lambda row, by: items.remove_item(row, "gone", by=by, revision=0),
        lambda row, by: items.move_item_to(row, "a", by=by, revision=0, under="a"),
        lambda row, by: items.add_item(row, by=by, revision=0, kind="string", changes={}, under="gone"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(cast, draft, verb):
    with pytest.raises(verbs.CannotBuild):
        verb(draft, cast.olga)
    assert again(draft).revision == 0


def test_an_answer_that_a_condition_names_is_not_taken_away(cast):
    answer = {"valueCoding": {"code": "a", "display": "Often"}}
    when = {"question": "q", "operator": "=", "answerCoding": {"code": "a", "display": "Often"}}
    given = resource(item("q", "choice", answerOption=[answer]), item("f", enableWhen=[when]))
    row = verbs.import_resource(given, by=None)
    with pytest.raises(verbs.CannotBuild, match="Often"):
        items.edit_item(row, "q", by=cast.olga, revision=0, changes={"options": [building.OptionRow("Never")]})


def test_a_form_does_not_grow_without_end(cast):
    questions = [item(f"q{n}", text="x" * 1_000) for n in range(400)]
    row = verbs.import_resource(form(item=[item("a", "group", item=questions)]), by=None)
    with pytest.raises(verbs.CannotBuild, match="too large"):
        for revision in range(3):
            items.duplicate_item(row, "a", by=cast.olga, revision=revision)


def test_each_change_is_read_anew(cast, draft):
    assert questionnaire_of(draft).items[0].text == "Question a"
    items.edit_item(draft, "a", by=cast.olga, revision=0, changes={"text": "Other"})
    assert questionnaire_of(again(draft)).items[0].text == "Other"


# Publishing ------------------------------------------------------------------------------------


def test_publishing_freezes_with_the_hash_of_what_is_frozen(cast, draft):
    row = again(verbs.publish(draft, by=cast.olga, revision=0))
    assert row.status == row.resource["status"] == "active"
    assert row.sha256 == sha256(row.resource) and row.published_by == cast.olga and row.published_at


def test_a_form_with_problems_is_not_published_and_they_are_named(cast):
    row = verbs.create(title="Empty", by=cast.olga)
    with pytest.raises(verbs.HasProblems) as refused:
        verbs.publish(row, by=cast.olga)
    assert refused.value.problems and again(row).status == "draft" and not again(row).sha256


def test_publishing_retires_the_version_before(cast, draft):
    verbs.publish(draft, by=cast.olga)
    newer = verbs.publish(verbs.new_version(draft, by=cast.olga), by=cast.olga)
    assert (again(draft).status, newer.status, newer.version) == ("retired", "active", "2")


def test_a_new_version_starts_as_the_old_one_and_leaves_it_alone(cast, draft):
    old = verbs.publish(draft, by=cast.olga)
    newer = again(verbs.new_version(old, by=cast.olga))
    assert newer.resource == {**old.resource, "version": "2", "status": "draft"}
    items.edit_item(newer, "a", by=cast.olga, revision=0, changes={"text": "New words"})
    assert again(old).resource == old.resource and sha256(again(old).resource) == old.sha256


def test_there_is_one_draft_of_a_form(cast, draft):
    verbs.publish(draft, by=cast.olga)
    assert verbs.new_version(draft, by=cast.olga) == verbs.new_version(draft, by=cast.olga)


def test_a_version_is_made_of_a_retired_one_too(cast, draft):
    verbs.retire(verbs.publish(draft, by=cast.olga), by=cast.olga)
    assert verbs.new_version(draft, by=cast.olga).version == "2"


def test_a_draft_is_discarded_and_a_published_form_is_not(cast, draft):
    verbs.discard(draft, by=cast.olga, revision=0)
    assert not Questionnaire.objects.exists()
    published = verbs.publish(verbs.import_resource(form(), by=None), by=None)
    with pytest.raises(verbs.CannotBuild):
        verbs.discard(published, by=cast.olga)


def test_a_discarded_draft_is_told_to_whoever_still_edits_it(cast, draft):
    verbs.discard(draft, by=cast.olga)
    with pytest.raises(verbs.CannotBuild, match="discarded"):
        items.edit_item(draft, "a", by=cast.olga, revision=0, changes={"text": "x"})


def test_what_is_retired_is_not_retired_again_nor_published(cast, draft):
    verbs.publish(draft, by=cast.olga)
    verbs.retire(draft, by=cast.olga)
    with pytest.raises(ForbiddenMove):
        verbs.retire(draft, by=cast.olga)
    with pytest.raises(verbs.CannotBuild):
        verbs.publish(draft, by=cast.olga)


def test_a_draft_is_not_retired(cast, draft):
    with pytest.raises(verbs.CannotBuild, match="Discard"):
        verbs.retire(draft, by=cast.olga)


def test_nothing_of_a_published_form_is_changed_by_any_verb(cast, draft):
    verbs.publish(draft, by=cast.olga)
    before = again(draft).resource
    for verb in [*list(everything(draft, cast.olga))[2:4], *list(everything(draft, cast.olga))[6:]]:
        with pytest.raises(verbs.CannotBuild):
            verb()
    assert again(draft).resource == before


# In the database -------------------------------------------------------------------------------

COLUMNS = {
    "resource": json.dumps({"resourceType": "Questionnaire"}),
    "url": "urn:other",
    "version": "9",
    "title": "Other",
    "sha256": "0" * 64,
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("status", ["active", "retired"])
def test_the_database_itself_keeps_what_is_published(cast, draft, column, status):
    row = verbs.publish(draft, by=cast.olga)
    if status == "retired":
        verbs.retire(row, by=cast.olga)
    before = Questionnaire.objects.filter(pk=row.pk).values().get()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update forms_app_questionnaire set {column} = %s where id = %s", [COLUMNS[column], row.pk])
    assert Questionnaire.objects.filter(pk=row.pk).values().get() == before


def test_the_database_deletes_no_published_form(cast, draft):
    verbs.publish(draft, by=cast.olga)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from forms_app_questionnaire where id = %s", [draft.pk])
    assert Questionnaire.objects.filter(pk=draft.pk).exists()


def test_the_database_lets_a_draft_be_changed(cast, draft):
    with connection.cursor() as cursor:
        cursor.execute("update forms_app_questionnaire set title = 'Other' where id = %s", [draft.pk])
    assert again(draft).title == "Other"


def test_a_change_leaves_its_trace(cast, draft):
    items.edit_item(draft, "a", by=cast.olga, revision=0, changes={"text": "x"})
    kept = Questionnaire.pgh_event_model.objects.filter(pgh_obj_id=draft.pk)
    assert [event.pgh_label for event in kept.order_by("pgh_id")] == ["insert", "update"]


# While clients fill it in ----------------------------------------------------------------------


def test_s54_a_draft_stays_on_its_version_while_a_new_one_is_published(cast, draft):
    old = verbs.publish(draft, by=cast.olga)
    assignment = assignments.assign(client=cast.alice_client, questionnaire=old, by=cast.olga)
    save(assignment, cast.alice, a="first words")
    newer = verbs.new_version(old, by=cast.olga)
    items.edit_item(newer, "a", by=cast.olga, revision=0, changes={"text": "Another question"})
    verbs.publish(newer, by=cast.olga)
    done = submit(assignment, cast.alice, a="last words")
    assert done.response.resource["questionnaire"] == old.canonical
    assert done.response.resource["item"][0]["answer"] == [{"valueString": "last words"}]
    assert again(old).status == "retired"


def test_a_form_that_is_retired_meanwhile_can_still_be_submitted(cast, draft):
    old = verbs.publish(draft, by=cast.olga)
    assignment = assignments.assign(client=cast.alice_client, questionnaire=old, by=cast.olga)
    verbs.retire(old, by=cast.olga)
    assert submit(assignment, cast.alice, a="words").response
    with pytest.raises(assignments.CannotAssign):
        assignments.assign(client=cast.bob_client, questionnaire=old, by=cast.olga)


# At the same moment ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_publish_one_form_at_the_same_moment_and_one_does(cast, draft):
    outcomes = at_once(*[lambda: verbs.publish(draft, by=cast.olga, revision=0)] * 2)
    assert sorted(isinstance(one, Questionnaire) for one in outcomes) == [False, True]
    assert any(isinstance(one, verbs.CannotBuild) for one in outcomes)
    assert Questionnaire.objects.active().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_edit_at_the_same_moment_and_the_second_hears_of_the_first(cast, draft):
    def edit(text):
        return lambda: items.edit_item(draft, "a", by=cast.olga, revision=0, changes={"text": text})

    outcomes = at_once(edit("one"), edit("other"))
    assert sum(isinstance(one, verbs.ChangedElsewhere) for one in outcomes) == 1
    assert again(draft).revision == 1


@pytest.mark.django_db(transaction=True)
def test_two_import_one_form_at_the_same_moment_and_one_does(cast):
    outcomes = at_once(*[lambda: verbs.import_resource(form(), by=None)] * 2)
    assert sum(isinstance(one, verbs.CannotBuild) for one in outcomes) == 1
    assert Questionnaire.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_make_a_new_version_at_the_same_moment_and_get_the_same(cast, draft):
    verbs.publish(draft, by=cast.olga)
    one, other = at_once(*[lambda: verbs.new_version(draft, by=cast.olga)] * 2)
    assert one == other and Questionnaire.objects.drafts().count() == 1
