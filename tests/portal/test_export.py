"""S74, G22: the archive gives a client everything, readable for people and machines, and nothing of anybody else."""

import csv
import io
import json
import os
import tracemalloc

import pikepdf
import pypdfium2
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

import accounts.exports
import appointments.exports
import billing.exports
import forms_app.exports
import uploads.exports
from accounts import archive
from accounts.actions import traces
from accounts.actions.access import change_access
from accounts.models import Access, User
from accounts.ownership import Area
from billing.models import CoverageChange
from portal.exports import PARTS, write_zip
from tests import factories
from tests import world as worlds
from tests.portal.archives import fill, opened, record, upload

pytestmark = pytest.mark.django_db

NAMES = {"alice": "Alice", "bob": "Bob", "timo": "Timo", "lena": "Lena"}


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def house(cast):
    worlds.fill(cast)
    logins = {"alice": cast.alice, "bob": cast.bob, "timo": cast.gina, "lena": cast.gina}
    for name, person in people(cast).items():
        fill(person, login=logins[name], staff=cast.dana)
    return cast


def people(cast):
    return {"alice": cast.alice_client, "bob": cast.bob_client, "timo": cast.timo, "lena": cast.lena}


def everything(files):
    """All text of an archive, that of its PDF too."""
    texts = [content.decode(errors="replace") for content in files.values()]
    return "\n".join([*files, *texts, text_of(files["profile.pdf"])])


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


OWN = [
    "letter of {0}.pdf", "content of letter of {0}", "card of {0}.pdf", "plan for {0}.pdf", "face of {0}",
    "{0} Street 1", "pronoun-{0}", "Emma of {0}", "aunt of {0}", "Referral for {0}", "Ask the doctor of {0}",
    "Too dark, {0}", "{0} Newname", "No, {0}", "Payor of {0}", "Plan of {0}", "member-{0}", "group-{0}",
    "Holder of {0}", "New plan of {0}", "News for {0}", "Dear {0}", "note on letter of {0}",
    "draft of {0}", "other draft of {0}", "form file of {0}.pdf", "Please, {0}", "answer of {0}", "remark on {0}",
    "Place of {0}", "Road of {0}", "Service for {0}", "Dietitian of {0}", "cold of {0}", "train of {0}", "bus for {0}",
]  # fmt: skip


def test_s74_a_guardians_archive_holds_everything_of_the_one_child(house):
    text = everything(opened(house.gina, house.timo))
    assert not [mark for mark in OWN if mark.format("Timo") not in text]
    assert "Dana Diaz" in text and "gina@example.com" in text


def test_s74_and_nothing_of_the_other_child_nor_of_anybody_else(house):
    for user, name in ((house.gina, "timo"), (house.gina, "lena"), (house.alice, "alice"), (house.bob, "bob")):
        text = everything(opened(user, people(house)[name]))
        strangers = [person for other, person in people(house).items() if other != name]
        marks = {mark.format(NAMES[other]) for mark in OWN for other in NAMES if other != name}
        marks |= set().union(*map(worlds.marks_of_client, strangers))
        marks |= set().union(*(worlds.marks_of_login(login) for login in (house.alice, house.bob, house.gina)))
        assert not {mark for mark in marks - worlds.marks_of_login(user) if mark in text}


def test_a_file_that_the_practice_has_not_shared_is_not_in_it(house):
    assert "hidden about" not in everything(opened(house.alice, house.alice_client))


def test_another_login_of_the_same_child_stays_unnamed(house):
    paul = factories.user("Paul Gray", email="paul@example.com")
    factories.access(paul, house.timo, "guardian")
    worlds.fill_login(paul)
    text = everything(opened(house.gina, house.timo))
    assert not {mark for mark in worlds.marks_of_login(paul) | {"Paul"} if mark in text}
    found = record(house.gina, house.timo)["access"]
    assert sorted(row["yours"] for row in found) == [False, True]


@pytest.mark.parametrize("areas", [[Area.PROFILE], [Area.PROFILE, Area.BILLING]])
def test_a_login_without_a_right_to_files_gets_none(house, areas):
    access = Access.objects.get(user=house.alice)
    change_access(access, by=house.olga, relationship="self", areas=areas)
    found = opened(house.alice, house.alice_client)
    text = everything(found)
    files = [name for name in found if name.startswith("files/")]
    assert "files/card of Alice.pdf" in files
    assert all(name.casefold().startswith("files/card of alice") for name in files)
    assert "letter of" not in text and "Referral" not in text and "plan for" not in text
    assert "member-Alice" in text


def test_original_files_are_byte_for_byte_what_was_sent(house):
    content = bytes(range(256)) * 5000
    upload(house.alice_client, house.alice, "scan.pdf", content=content)
    assert opened(house.alice, house.alice_client)["files/scan.pdf"] == content


def test_a_file_that_is_being_checked_or_was_refused_is_listed_and_not_handed_out(house):
    upload(house.alice_client, house.alice, "waiting.pdf", status="scanning")
    upload(house.alice_client, house.alice, "bad.pdf", status="rejected", refusal="infected")
    files = opened(house.alice, house.alice_client)
    assert not [name for name in files if "waiting" in name or "bad" in name]
    assert {"waiting.pdf", "bad.pdf"} <= {row["name"] for row in json.loads(files["record.json"])["files"]}


ODD = [
    "../../etc/passwd.pdf", "C:\\x\\CON.pdf", "a\x00b\r\n.pdf", "\u202efdp.exe", "n" * 250 + ".pdf", "😀" * 80 + ".pdf",
    "CON.pdf", "con", ".pdf", "letter of Alice.pdf", "LETTER OF ALICE.PDF", "trailing. ", "a/b:c*?\"<>|.pdf",
]  # fmt: skip


def test_odd_names_are_safe_and_unique_in_the_zip(house):
    before = sum(name.startswith("files/") for name in opened(house.alice, house.alice_client))
    for number, name in enumerate(ODD):
        upload(house.alice_client, house.alice, name.replace("\x00", "\x01"), sha256=str(number))
    names = [name for name in opened(house.alice, house.alice_client) if name.startswith("files/")]
    assert len(names) == len(ODD) + before
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert_safe(name.removeprefix("files/"))
        assert len(name.encode()) <= 200


def assert_safe(name):
    assert (
        name
        and not set(name) & set('/\\:*?"<>|\x00\r\n\u202e')
        and name.translate({0x200C: None, 0x200D: None}).isprintable()
    )
    assert name not in {".", ".."} and not name.endswith((".", " "))
    assert name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1"}


@given(st.lists(st.text(max_size=300), max_size=8))
def test_s43_whatever_files_are_called_their_paths_are_safe_short_and_unique(names):
    made = archive.paths("files", names)
    assert len({path.casefold() for path in made}) == len(names)
    for path in made:
        assert path.startswith("files/") and len(path.encode()) <= 200
        assert_safe(path.removeprefix("files/"))


@given(st.text(max_size=20))
def test_s46_no_cell_of_a_sheet_is_a_formula(text):
    cell = archive.cell(text)
    assert cell.endswith(text) and not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_s46_formulas_in_every_column_open_as_text(house, evil):
    asked = house.alice_client.upload_requests.get(title="Referral for Alice")
    asked.title = asked.instructions = asked.reason = evil
    asked.save()
    text = opened(house.alice, house.alice_client)["tables/requests.csv"].decode("utf-8-sig")
    assert text.count(f'"\'{evil}"') == 3 and f'"{evil}"' not in text


def test_s46_no_cell_of_any_table_is_a_formula_whatever_was_typed(house):
    person, evil = house.alice_client, "=HYPERLINK(1)"
    person.uploads.update(note=evil)
    person.upload_requests.update(title=evil, instructions=evil, reason=evil)
    person.profilechanges.update(old=evil, new=evil, reason=evil)
    CoverageChange.objects.filter(client=person).update(old=evil, new=evil, reason=evil)
    person.mails.filter(user=house.alice).update(subject=evil)
    User.objects.filter(pk=house.dana.pk).update(name=evil)
    house.dana_provider.__class__.objects.filter(pk=house.dana_provider.pk).update(name=evil)
    traces.note("signed_in", by=house.alice, device=evil)
    tables = {name: content for name, content in opened(house.alice, person).items() if name.endswith(".csv")}
    rows = [row for content in tables.values() for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    cells = [one for row in rows for one in row]
    assert len(tables) > 8 and sum(one == f"'{evil}" for one in cells) > 10
    assert not [one for one in cells if one.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_sheet_with_quotes_and_line_breaks_stays_one_cell():
    assert archive.sheet(["a"], [['say "hi"\nthere']]) == b'\xef\xbb\xbf"a"\r\n"say ""hi""\nthere"\r\n'


def test_the_read_me_speaks_the_readers_language_and_tells_what_is_what(house):
    text = opened(house.alice, house.alice_client)["README.txt"].decode()
    assert "Linden Practice" in text and "+1 212 555 0100" in text
    for name in ("profile.pdf", "record.json", "bundle.json", "files", "tables", "picture"):
        assert name in text


def test_the_pdf_is_tagged_has_its_fonts_inside_and_says_the_facts(house):
    pdf = opened(house.alice, house.alice_client)["profile.pdf"]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.MarkInfo.Marked and document.Root.Lang == "en"
        assert str(document.docinfo["/Title"]) == "Alice Adams"
    text = text_of(pdf).replace("\r\n", " ")
    for fact in ("Alice Adams", "Alice Street 1", "member-Alice", "Referral for Alice", "Dana Diaz, RD"):
        assert fact in text


def test_an_archive_is_written_piece_by_piece_and_may_be_larger_than_four_gigabytes(house, monkeypatch):
    taken = []

    class Pieces:
        def chunks(self):
            for _ in range(3):
                taken.append(1)
                yield b"x" * 1000

    monkeypatch.setattr(uploads.exports, "files", lambda client, user: iter([("files/big", Pieces().chunks())]))
    assert opened(house.alice, house.alice_client)["files/big"] == b"x" * 3000 and len(taken) == 3


def test_forty_megabytes_of_files_take_no_four_of_memory(house, tmp_path):
    for number in range(4):
        upload(house.alice_client, house.alice, f"{number}.pdf", content=os.urandom(2**20) * 10)
    opened(house.alice, house.alice_client)  # fonts and templates are loaded once
    tracemalloc.start()
    try:
        with (tmp_path / "all.zip").open("w+b") as target:
            write_zip(target, house.alice_client, house.alice, now=timezone.now())
            written = target.tell()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written > 40 * 2**20 and peak < 4 * 2**20


# All models ------------------------------------------------------------------------------------

# Personal or health fields of client-owned models that no archive holds, and why.
KEYS = "whose it is goes without saying, or the person behind it is told in words"
LEFT_OUT = {
    **dict.fromkeys(
        [
            "Access.user", "Access.client", "CareTeamMember.client", "CareTeamMember.provider", "Invitation.client",
            "Invitation.accepted_by", "OutgoingMail.client", "OutgoingMail.user", "ProfileChange.client",
            "ProfileChange.proposed_by", "RecordView.client", "RecordView.user", "Upload.client", "Upload.sent_by",
            "UploadRequest.client", "UploadRequest.uploads", "Download.client", "Download.user", "Export.client",
            "Export.user", "Coverage.client", "CoverageChange.client", "CoverageChange.proposed_by",
            "Assignment.client", "Draft.client", "Draft.saved_by", "DraftVersion.client", "DraftVersion.saved_by",
            "Attachment.client", "Attachment.added_by", "QuestionnaireResponse.client",
            "QuestionnaireResponse.submitted_by", "Review.client", "Alert.client",
            "Appointment.client", "ChangeRequest.client", "ProposedTime.client", "Step.client", "Reminder.client",
            "Preferences.client",
        ],
        KEYS,
    ),
    "Client.search_text": "the name, address and phone once more, to search in",
    "Client.picture": "the picture itself is in the folder `picture`",
    "Upload.file": "the file itself is in the folder `files`",
    "Upload.preview": "a smaller picture of the file",
    "Coverage.front": "a file, by `front_id`",
    "Coverage.back": "a file, by `back_id`",
    "Download.address": "told for one's own; of the others it is theirs",
    "RecordView.address": "where the practice's staff sat",
    "Export.file": "earlier archives",
    "Assignment.questionnaire": "told as `form`, and in full where something was submitted",
    "Attachment.upload": "a file, by `upload_id`",
    "QuestionnaireResponse.pdf": "the file itself is in the folder `forms`",
    "QuestionnaireResponse.address": "stands in the resource",
    **dict.fromkeys(
        ["Alert.link_id", "Alert.question", "Alert.answer"], "an answer of the form once more, marked for the practice"
    ),
    "Appointment.booking": "by `booking_id`; what it says is told with the appointment",
    "Booking.service": "told as `service` of the appointment",
    "Booking.note": "words of the team to each other",
    **dict.fromkeys(
        ["ChangeRequest.appointment", "Step.appointment", "Reminder.appointment"], "told as `appointment_id`"
    ),
    **dict.fromkeys(["ProposedTime.request", "Step.request"], "told as `request_id`"),
    "Reminder.mails": "the mails themselves are told",
    "OutgoingMail.html": "the same words as `text`",
    "OutgoingMail.error": "what mail servers said to each other",
}  # fmt: skip
PARTS_TOLD = [part.TOLD for part in PARTS]
TOLD = {model: names for told in PARTS_TOLD for model, names in told.items()}


def telling(model):
    return [name for name, kind in model.privacy.items() if kind in {"personal", "health"}]


@pytest.mark.parametrize("model", worlds.client_owned(), ids=lambda model: model.__name__)
def test_s74_every_personal_or_health_field_of_a_client_is_in_the_archive_or_has_a_reason(model):
    told = TOLD.get(model, "").split()
    for name in telling(model):
        assert (name in told) != (f"{model.__name__}.{name}" in LEFT_OUT), f"{model.__name__}.{name}"


def test_no_reason_outlives_its_field():
    known = {f"{model.__name__}.{name}" for model in worlds.client_owned() for name in telling(model)}
    assert set(LEFT_OUT) <= known


def test_what_is_said_to_be_told_is_told(house):
    """Every kind of row and every field of the lists is really in the archive for machines."""
    Access.objects.filter(user=house.alice).update(relationship="guardian")
    invitation = house.alice_client.invitations.get()
    invitation.status, invitation.accepted_by = "accepted", house.alice
    invitation.save()
    upload(house.alice_client, house.alice, "x.pdf").downloads.create(client=house.alice_client, user=house.alice)
    house.alice_client.exports.create(user=house.alice)
    factories.documents()[0].agreements.create(user=house.alice)
    found = {frozenset(row): name for name, rows in record(house.alice, house.alice_client).items() for row in rows}
    for model, names in TOLD.items():
        assert any(set(names.split()) <= keys for keys in found), model


def test_every_storey_that_has_something_to_tell_is_in_the_one_list():
    told = (accounts.exports, uploads.exports, forms_app.exports, appointments.exports, billing.exports)
    assert told == PARTS


def test_no_path_of_the_zip_leads_out_of_it(house):
    for name in opened(house.alice, house.alice_client):
        assert not name.startswith("/") and ".." not in name.split("/")
