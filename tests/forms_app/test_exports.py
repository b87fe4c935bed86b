"""The client's own archive: forms as PDFs, as FHIR R4 and line by line; nothing of anybody else."""

import csv
import io
import json

import pypdfium2
import pytest

from accounts.actions.access import change_access
from accounts.models import Access
from accounts.ownership import Area
from forms_app import exports
from forms_app.actions import reviews
from forms_app.models import Assignment
from tests.forms_app.house import asked, coding, item, save, submit, submitted
from tests.portal.archives import opened


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def intake(cast, **answers):
    form = [
        item("name", text="Your name"),
        item("g", "group", text="Habits", item=[item("c", "choice", answerOption=[coding("n", "Never")])]),
        item("left"),
    ]
    known = {"name": "Ann", "c": "0", **answers}
    return submitted(cast.alice_client, cast.alice, *form, answers=known, title="Intake", url="http://example.org/i")


def lines(files, name):
    return list(csv.reader(io.StringIO(files[f"tables/{name}.csv"].decode("utf-8-sig"))))


def record(files):
    return json.loads(files["record.json"])


def bundled(files, kind):
    entries = json.loads(files["bundle.json"])["entry"]
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


def text_of(made):
    document = pypdfium2.PdfDocument(made)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_each_submitted_form_is_there_to_read(cast, run_jobs):
    response = intake(cast)
    run_jobs()
    response.refresh_from_db()
    files = opened(cast.alice, cast.alice_client)
    [name] = [name for name in files if name.startswith("forms/")]
    assert name.startswith("forms/Intake 2") and name.endswith(".pdf")
    assert files[name] == response.pdf.read()


def test_a_form_whose_pdf_is_not_there_yet_gets_one(cast):
    intake(cast)
    files = opened(cast.alice, cast.alice_client)
    [name] = [name for name in files if name.startswith("forms/")]
    assert "Your name" in text_of(files[name]) and "Ann" in text_of(files[name])


def test_versions_of_one_day_have_names_of_their_own(cast):
    first = intake(cast)
    reviews.send_back(first, by=cast.olga, comment="Again, please.")
    submit(Assignment.objects.get(pk=first.assignment_id), cast.alice, name="Ann Adams")
    files = opened(cast.alice, cast.alice_client)
    assert len([name for name in files if name.startswith("forms/Intake")]) == 2
    assert [row["number"] for row in record(files)["form_responses"]] == [1, 2]
    assert record(files)["form_reviews"][0]["comment"] == "Again, please."


def test_the_bundle_holds_each_questionnaire_once_and_every_response(cast):
    first = intake(cast)
    reviews.send_back(first, by=cast.olga, comment="Again, please.")
    again = submit(Assignment.objects.get(pk=first.assignment_id), cast.alice, name="Ann Adams").response
    files = opened(cast.alice, cast.alice_client)
    [form] = bundled(files, "Questionnaire")
    responses = bundled(files, "QuestionnaireResponse")
    assert [one["id"] for one in responses] == [str(first.pk), str(again.pk)]
    assert {one["questionnaire"] for one in responses} == {f"{form['url']}|{form['version']}"}
    [patient] = bundled(files, "Patient")
    assert {one["subject"]["reference"] for one in responses} == {f"urn:uuid:{patient['id']}"}


def test_answers_are_a_table_of_their_own(cast):
    intake(cast, name="Ann Adams")
    head, *rows = lines(opened(cast.alice, cast.alice_client), "answers")
    assert head == ["Form", "Submitted", "Version", "Question", "Answer"]
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("Intake", "1", "Your name", "Ann Adams"),
        ("Intake", "1", "Question c", "Never"),
        ("Intake", "1", "Question left", ""),
    ]


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', '"; =1'])
def test_s46_no_cell_is_a_formula(cast, evil):
    submitted(cast.alice_client, cast.alice, item("a", text=evil), answers={"a": evil}, title=evil)
    for name in ("answers", "forms"):
        for row in lines(opened(cast.alice, cast.alice_client), name):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_what_is_being_typed_is_the_clients_own_and_in_it(cast):
    row = asked(cast.alice_client, item("a"), title="Begun")
    save(row, cast.alice, a="half of a sen")
    found = record(opened(cast.alice, cast.alice_client))
    assert found["form_drafts"][0]["entries"] == {"a": ["half of a sen"]}
    assert found["forms"][0]["form"] == "Begun" and found["forms"][0]["status"] == "in_progress"


def test_without_the_right_to_forms_there_is_nothing_of_them(cast):
    intake(cast)
    access = Access.objects.get(user=cast.alice)
    change_access(access, by=cast.olga, relationship="self", areas=[Area.PROFILE, Area.FILES])
    files = opened(cast.alice, cast.alice_client)
    assert not [name for name in files if name.startswith("forms/")]
    assert not bundled(files, "QuestionnaireResponse") and not bundled(files, "Questionnaire")
    assert all(record(files)[kind] == [] for kind in ("forms", "form_responses", "form_drafts", "form_reviews"))


def test_of_the_other_child_there_is_nothing(cast):
    submitted(cast.timo, cast.gina, item("a"), answers={"a": "Timo's words"})
    submitted(cast.lena, cast.gina, item("a"), answers={"a": "Lena's words"}, url="http://example.org/lena")
    files = opened(cast.gina, cast.timo)
    assert [row["resource"]["item"][0]["answer"] for row in record(files)["form_responses"]] == [
        [{"valueString": "Timo's words"}]
    ]
    assert not [name for name, content in files.items() if b"Lena's words" in content]


def test_whose_it_is_by_whom_is_said_as_yours_or_not(cast):
    intake(cast)
    assert [row["yours"] for row in record(opened(cast.alice, cast.alice_client))["form_responses"]] == [True]


def test_a_client_without_forms_has_empty_lists(cast):
    files = opened(cast.alice, cast.alice_client)
    assert record(files)["forms"] == [] and "tables/forms.csv" not in files
    assert [section.nothing for section in exports.sections(cast.alice_client, cast.alice)] == ["None.", "None."]
