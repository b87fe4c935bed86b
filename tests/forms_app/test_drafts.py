"""What is typed is kept: incomplete, invalid, from two tabs and two devices."""

import pytest

from accounts.permissions import Refused
from forms_app.actions import assignments, drafts, reviews
from forms_app.actions.drafts import AlreadySubmitted, NotOpen
from forms_app.models import Assignment, Draft, DraftVersion, Questionnaire
from forms_app.reading import context_of, draft_of
from tests.forms_app.house import asked, item, published, save, submit
from tests.together import at_once

Status = Assignment.Status


@pytest.fixture
def form(cast):
    return asked(cast.alice_client, item("a", required=True), item("n", "integer"), item("b"))


def entries(assignment):
    return Draft.objects.get(pk=assignment.pk).entries


def test_an_incomplete_form_is_kept_and_counts_as_started(cast, form):
    saved = save(form, cast.alice, b="later")
    form.refresh_from_db()
    assert (form.status, saved.draft.revision, entries(form)) == (Status.IN_PROGRESS, 1, {"b": ["later"]})


def test_what_is_not_valid_yet_is_kept_as_it_was_typed(cast, form):
    save(form, cast.alice, n="about three")
    assert entries(form)["n"] == ["about three"]


def test_a_step_replaces_its_own_answers_only(cast, form):
    save(form, cast.alice, a="one", b="two")
    save(form, cast.alice, revision=1, b="three")
    assert entries(form) == {"a": ["one"], "b": ["three"]}


def test_an_answer_that_is_taken_away_is_gone(cast, form):
    save(form, cast.alice, a="one", b="two")
    save(form, cast.alice, revision=1, a="one", b="")
    assert "two" not in str(entries(form))


def test_what_is_done_is_said_in_percent(cast, form):
    assert save(form, cast.alice, a="one").draft.percent == 33


def test_s55_another_devices_newer_answers_are_not_replaced_and_mine_are_kept_beside_them(cast, form):
    save(form, cast.alice, page="phone", a="from the phone")
    late = save(form, cast.alice, page="laptop", a="from the laptop")
    assert entries(form)["a"] == ["from the phone"]
    assert late.conflict.entries["a"] == ["from the laptop"]
    assert late.draft.entries["a"] == ["from the phone"]


def test_s55_a_page_left_behind_that_goes_on_typing_keeps_one_version(cast, form):
    save(form, cast.alice, page="phone", a="phone")
    for words in ("l", "la", "laptop"):
        save(form, cast.alice, page="laptop", a=words)
    assert [version.entries["a"] for version in DraftVersion.objects.all()] == [["laptop"]]


def test_the_same_answers_from_another_page_are_no_conflict(cast, form):
    save(form, cast.alice, page="phone", a="same")
    assert save(form, cast.alice, page="laptop", a="same").conflict is None
    assert not DraftVersion.objects.exists()


def test_keep_mine_takes_the_kept_version_and_keeps_the_other(cast, form):
    save(form, cast.alice, page="phone", a="phone")
    mine = save(form, cast.alice, page="laptop", a="laptop").conflict
    drafts.take_version(mine, by=cast.alice)
    assert entries(form)["a"] == ["laptop"]
    assert DraftVersion.objects.get().entries["a"] == ["phone"]


def test_after_keep_mine_the_other_device_is_told_in_its_turn(cast, form):
    save(form, cast.alice, page="phone", a="phone")
    drafts.take_version(save(form, cast.alice, page="laptop", a="laptop").conflict, by=cast.alice)
    assert save(form, cast.alice, revision=1, page="phone", a="phone again").conflict
    assert entries(form)["a"] == ["laptop"]


def test_a_save_whose_answer_got_lost_is_no_other_devices(cast, form):
    save(form, cast.alice, page="phone.1", a="one")
    again = save(form, cast.alice, page="phone.2", a="one two")
    assert (again.conflict, entries(form)["a"]) == (None, ["one two"])


def test_a_request_that_was_overtaken_on_its_way_changes_nothing(cast, form):
    save(form, cast.alice, page="phone.2", a="newer")
    late = save(form, cast.alice, page="phone.1", a="older")
    assert (late.conflict, entries(form)["a"]) == (None, ["newer"])


def test_s54_a_draft_stays_on_its_version_when_a_new_one_is_published(cast, form):
    Questionnaire.objects.filter(pk=form.questionnaire_id).update(status=Questionnaire.Status.RETIRED)
    published(item("z", required=True), version="2")
    save(form, cast.alice, a="still here")
    done = submit(form, cast.alice, a="still here")
    assert done.response.resource["questionnaire"].endswith("|1")
    assert done.response.resource["item"][0]["answer"] == [{"valueString": "still here"}]


def test_what_is_cancelled_takes_no_more_answers(cast, form):
    assignments.cancel(form, by=cast.dana)
    with pytest.raises(NotOpen, match="no longer needed"):
        save(form, cast.alice, a="x")


def test_what_is_submitted_takes_no_more_answers(cast, form):
    submit(form, cast.alice, a="x")
    with pytest.raises(AlreadySubmitted):
        save(form, cast.alice, revision=1, a="y")
    assert entries(form)["a"] == ["x"]


def test_a_returned_form_goes_on_with_what_was_submitted(cast, form):
    response = submit(form, cast.alice, a="x").response
    reviews.send_back(response, by=cast.dana, comment="Please say more.")
    form.refresh_from_db()
    assert (form.status, form.comment, entries(form)["a"]) == (Status.RETURNED, "Please say more.", ["x"])
    save(form, cast.alice, revision=1, a="x and y")
    form.refresh_from_db()
    assert form.status == Status.IN_PROGRESS


@pytest.mark.parametrize("who", ["bob", "dana", "olga", "gina"])
def test_nobody_else_types_into_it(cast, form, who):
    with pytest.raises(Refused):
        save(form, getattr(cast, who), a="x")


@pytest.mark.parametrize("who", ["dana", "olga", "rhea"])
def test_the_practice_sees_nothing_of_a_draft(cast, form, who):
    save(form, cast.alice, a="secret")
    save(form, cast.alice, page="other", a="secret too")
    assert not Draft.objects.visible_to(getattr(cast, who)).exists()
    assert not DraftVersion.objects.visible_to(getattr(cast, who)).exists()


def test_before_anything_is_typed_the_form_and_the_profile_fill_in(cast):
    expression = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"
    prefilled = {
        "url": expression,
        "valueExpression": {"language": "text/fhirpath", "expression": "%patient.name.text"},
    }
    form = asked(
        cast.alice_client, item("name", extension=[prefilled]), item("n", "integer", initial=[{"valueInteger": 3}])
    )
    draft = draft_of(form, context_of(form, cast.alice))
    assert draft.entries == {"name": ["Alice Adams"], "n": ["3"]}
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_s55_two_devices_at_the_same_instant_lose_nothing(cast):
    form = asked(cast.alice_client, item("a"))
    at_once(
        lambda: save(form, cast.alice, page="phone", a="phone"),
        lambda: save(form, cast.alice, page="laptop", a="laptop"),
    )
    kept = [entries(form)["a"], *[version.entries["a"] for version in DraftVersion.objects.all()]]
    assert sorted(kept) == [["laptop"], ["phone"]]
