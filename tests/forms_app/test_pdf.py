"""A submitted form's PDF: made in a job, readable by a screen reader, and whatever people typed is text in it (S47)."""

import io
import socket
import threading
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from accounts.models import Access, Client
from forms_app import pdfs, tasks
from forms_app.actions import pdfs as kept
from forms_app.actions import reviews
from forms_app.models import Assignment, QuestionnaireResponse
from portal.actions.erasure import erase_client
from tests.forms_app.house import asked, coding, item, submit, submitted
from tests.together import at_once

SIGNED = "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def signature(link_id="sign", text="I agree to be treated."):
    return item(link_id, required=True, extension=[{"url": SIGNED, "valueBoolean": True}], text=text)


def alices(cast, **answers):
    """One of everything."""
    form = [
        item(
            "g", "group", text="About you", item=[item("name", text="Your name"), item("notes", "text", text="Notes")]
        ),
        item("c", "choice", text="How often?", answerOption=[coding("n", "Never"), coding("o", "Often")]),
        item("left", text="Left empty"),
        signature(),
    ]
    known = {"name": "Ann", "notes": "line one\nline two", "c": "1", "sign~name": "Alice Adams", "sign": "", **answers}
    return submitted(cast.alice_client, cast.alice, *form, answers=known, title="A long intake")


def text_of(made):
    document = pypdfium2.PdfDocument(made)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def squeezed(text):
    return "".join(text.split())


def made(response):
    """The PDF as the job makes it."""
    found = kept.start(response.pk)
    return pdfs.make(found)


def structure(document):
    """The tags of the structure tree, in the order in which a screen reader reads them."""
    waiting, found = [document.Root.StructTreeRoot.K], []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, pikepdf.Array):
            waiting = [*node, *waiting]
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(str(node.S))
            waiting = [*([node.K] if "/K" in node else []), *waiting]
    return found


# What it says ----------------------------------------------------------------------------------


def test_it_says_whose_form_it_is_when_it_was_sent_and_every_answer(cast):
    words = text_of(made(alices(cast)))
    for word in ("A long intake", "Alice Adams", "About you", "Your name", "Ann", "line one", "line two", "Often",
                 "Left empty", "No answer", "Linden Practice"):  # fmt: skip
        assert word in words, word
    assert "Never" not in words


def test_it_shows_who_signed_which_sentence_when_from_where_and_the_fingerprints(cast):
    response = alices(cast)
    words = squeezed(text_of(made(response)))
    for word in ("I agree to be treated.", "Signed by", "the client", "192.0.2.7", response.sha256,
                 response.assignment.questionnaire.sha256):  # fmt: skip
        assert squeezed(word) in words, word


def test_it_is_in_the_clients_language_and_time_zone(cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(language="es", time_zone="Europe/Madrid")
    response = QuestionnaireResponse.objects.get(pk=alices(cast).pk)
    content = made(response)
    assert "CET" in text_of(content) or "CEST" in text_of(content)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.Lang == "es"


def test_a_second_version_says_that_it_is_one(cast):
    first = alices(cast)
    assert "Version" not in text_of(made(first))
    reviews.send_back(first, by=cast.olga, comment="Once more.")
    again = submit(Assignment.objects.get(pk=first.assignment_id), cast.alice, name="Ann A.").response
    assert "Version 2" in text_of(made(again)).replace("\r\n", " ").replace("\n", " ")


# Who can read it -------------------------------------------------------------------------------


def test_it_is_tagged_for_screen_readers_with_headings_and_tables(cast):
    with pikepdf.open(io.BytesIO(made(alices(cast)))) as document:
        root = document.Root
        assert root.MarkInfo.Marked and root.Lang == "en" and root.ViewerPreferences.DisplayDocTitle
        assert str(document.docinfo["/Title"]) == "A long intake"
        assert "pdfuaid" in root.Metadata.read_bytes().decode()
        tags = structure(document)
    assert {"/H1", "/H2", "/Table", "/TR", "/TD"} <= set(tags)
    assert tags.index("/H1") < tags.index("/Table") < tags.index("/H2")


def test_headings_never_skip_a_level(cast):
    deep = item("a", "group", text="A", item=[item("b", "group", text="B", item=[item("c", "group", text="C", item=[
        item("d", "group", text="D", item=[item("e")])])])])  # fmt: skip
    response = submitted(cast.alice_client, cast.alice, deep, answers={"e": "x"})
    with pikepdf.open(io.BytesIO(made(response))) as document:
        levels = [int(tag[2:]) for tag in structure(document) if tag.startswith("/H") and tag[2:].isdigit()]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


# S47 -------------------------------------------------------------------------------------------

EVIL = [
    "<img src=http://127.0.0.1:{port}/x.png>", "file:///etc/passwd", "<link rel=attachment href='file:///etc/passwd'>",
    "<iframe src=http://127.0.0.1:{port}/>", "http://127.0.0.1:{port}/redirect", "#read(\"/etc/passwd\")",
    "#image(\"http://127.0.0.1:{port}/a.png\")", "#import \"@preview/cetz:0.3.0\": *", "<script>alert(1)</script>",
    "@import url(http://127.0.0.1:{port}/a.css)", "\\input{{/etc/passwd}}", "#panic() $x^2$ *bold* _it_ <label> @ref",
]  # fmt: skip


@pytest.fixture
def listener():
    """A port of this machine that counts who asks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop, asked = threading.Event(), []

        def listen():
            while not stop.is_set():
                try:
                    asked.append(server.accept()[1])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], asked
        stop.set()
        thread.join()


def test_s47_markup_addresses_and_paths_are_text_and_nobody_is_asked_for_anything(cast, listener):
    port, asked = listener
    evil = [each.format(port=port) for each in EVIL]
    form = [item(f"q{n}", "text", text=f"{words} ?") for n, words in enumerate(evil)]
    answers = {f"q{n}": words for n, words in enumerate(evil)}
    Client.objects.filter(pk=cast.alice_client.pk).update(name=f"Alice {evil[0]}")
    response = submitted(cast.alice_client, cast.alice, *form, answers=answers, title="A plain form")
    content = made(response)
    words = squeezed(text_of(content))
    for each in evil:
        assert words.count(squeezed(each)) >= 2, each
    assert asked == []
    assert "root:" not in text_of(content)


def test_s47_nothing_is_embedded_and_nothing_in_it_leads_away_or_runs(cast):
    evil = {"notes": "see http://127.0.0.1/x and file:///etc/passwd and javascript:alert(1)"}
    with pikepdf.open(io.BytesIO(made(alices(cast, **evil)))) as document:
        names = document.Root.get("/Names", {})
        assert "/EmbeddedFiles" not in names and "/JavaScript" not in names and "/OpenAction" not in document.Root
        assert not document.attachments
        kinds = [str(one.get("/Type", "")) for one in document.objects if isinstance(one, pikepdf.Dictionary)]
        assert "/Filespec" not in kinds and "/EmbeddedFile" not in kinds
        assert not [page for page in document.pages if "/Annots" in page]


@pytest.mark.parametrize(
    "text", ["x" * 4000, "word " * 900, "\n" * 300, "Ünïcödé שלום مرحبا Привет", "a\tb", "😀 " * 50]
)
def test_whatever_was_typed_makes_a_pdf_that_stays_on_its_pages(cast, text):
    document = pypdfium2.PdfDocument(made(alices(cast, notes=f".{text}.")))
    for page in document:
        words = page.get_textpage()
        assert all(words.get_rect(n)[2] <= page.get_width() for n in range(words.count_rects()))


def test_a_character_that_no_font_has_makes_a_pdf_that_says_so(cast):
    words = text_of(made(alices(cast, notes="\U000f1234 and plain")))
    assert "Some characters cannot be drawn" in words and "and plain" in words


# The job ---------------------------------------------------------------------------------------


def test_submitting_has_it_made_and_it_lies_under_a_random_name(cast, run_jobs):
    response = alices(cast)
    assert not response.pdf
    run_jobs()
    response.refresh_from_db()
    folder, name = response.pdf.name.split("/")
    assert folder == "responses" and len(name) == len("x" * 64 + ".pdf")
    assert response.pdf.read().startswith(b"%PDF")


def test_done_again_it_stays_as_it_was(cast):
    response = alices(cast)
    tasks.make_pdf(str(response.pk))
    response.refresh_from_db()
    first = response.pdf.name
    tasks.make_pdf(str(response.pk))
    response.refresh_from_db()
    assert response.pdf.name == first
    assert [name for name, _at in default_storage.walk("responses")] == [first]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_keep_one_and_leave_no_bytes_behind(cast):
    response = alices(cast)
    at_once(*[lambda: tasks.make_pdf(str(response.pk))] * 2)
    response.refresh_from_db()
    assert [name for name, _at in default_storage.walk("responses")] == [response.pdf.name]


def test_of_somebody_who_was_erased_meanwhile_nothing_is_kept(cast):
    response = alices(cast)
    content = made(response)
    cast.alice_client.archived_at = response.submitted_at
    cast.alice_client.save()
    erase_client(cast.alice_client, by=cast.olga)
    kept.finish(response.pk, content)
    response.refresh_from_db()
    assert not response.pdf and not list(default_storage.walk("responses"))
    assert kept.start(response.pk) is None


def test_a_response_that_is_not_there_is_no_error(db):
    tasks.make_pdf("00000000-0000-4000-8000-000000000000")


# The download ----------------------------------------------------------------------------------


def url_of(response, number=None):
    return reverse("forms_app:pdf", args=[response.assignment_id]) + (f"?version={number}" if number else "")


def test_while_it_is_not_there_the_page_says_so_and_offers_it_again(cast, signed_in, run_jobs):
    response = alices(cast)
    alice = signed_in(cast.alice)
    page = alice.get(url_of(response))
    assert page.status_code == 409 and "The PDF is not ready yet" in page.text
    assert f'href="{url_of(response)}"' in page.text
    run_jobs()
    assert alice.get(url_of(response)).status_code == 200


def test_where_the_job_was_lost_it_is_made_anew_by_a_press(cast, signed_in, run_jobs):
    response = alices(cast)
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    alice = signed_in(cast.alice)
    answer = alice.post(url_of(response), follow=True)
    assert "The PDF is being made." in answer.text
    assert run_jobs() == 1
    assert alice.get(url_of(response)).status_code == 200
    assert alice.post(url_of(response)).status_code == 302
    assert run_jobs() == 0, "it is there"


def test_it_is_a_download_that_cannot_run_and_its_name_does_not_say_which_form(cast, signed_in, run_jobs):
    response = alices(cast)
    run_jobs()
    answer = signed_in(cast.alice).get(url_of(response))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Form Alice 2')
    assert "intake" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_s1_nobody_elses(cast, signed_in, run_jobs, who):
    response = alices(cast)
    run_jobs()
    browser = signed_in(getattr(cast, who))
    assert browser.get(url_of(response)).status_code == 404
    assert browser.post(url_of(response)).status_code == 404


def test_without_the_right_to_forms_it_is_not_found(cast, signed_in, run_jobs):
    response = alices(cast)
    run_jobs()
    Access.objects.filter(user=cast.alice).update(areas=["files", "profile"])
    assert signed_in(cast.alice).get(url_of(response)).status_code == 404


@pytest.mark.parametrize("number", ["7", "0", "-1", "x", "1e9"])
def test_a_version_that_never_was_is_not_found(cast, signed_in, run_jobs, number):
    response = alices(cast)
    run_jobs()
    assert signed_in(cast.alice).get(url_of(response, number)).status_code == 404


def test_before_anything_was_submitted_there_is_none(cast, signed_in):
    assignment = asked(cast.alice_client, item("a"))
    assert signed_in(cast.alice).get(reverse("forms_app:pdf", args=[assignment.pk])).status_code == 404
