"""My Uploads: its sections in their order, what each says while it is empty, whose rows, and what it costs."""

import re
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.clients import archive_client
from accounts.models import Access
from tests import factories
from tests.uploads.sent import checked, picture, refused, send, shared, text, with_preview
from uploads.actions import requests
from uploads.models import Upload

pytestmark = pytest.mark.django_db
FILES = "/uploads/"


def ask(cast, client=None, title="Insurance card", **more):
    return requests.ask(client=client or cast.alice_client, by=cast.olga, title=title, **more)


def section(page, name):
    """The text of one section, tags taken out."""
    found = re.search(rf'<section class="card" id="{name}".*?</section>', page.text, re.DOTALL)
    assert found, f"no section {name}"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def section_ids(page):
    return re.findall(r'<section class="card" id="([a-z]+)"', page.text)


def test_the_sections_stand_in_their_order(cast, signed_in):
    assert section_ids(signed_in(cast.alice).get(FILES)) == ["requested", "send", "sent", "shared"]
    requests.cancel(ask(cast), by=cast.olga)
    assert section_ids(signed_in(cast.alice).get(FILES))[-1] == "earlier"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("requested", "When we need a file from you, it is listed here and we send you an e-mail."),
        ("sent", "Each file you send is listed here, with whether it was received and opened."),
        ("shared", "When we share a paper with you, it appears here and we send you an e-mail."),
    ],
)
def test_each_section_says_what_happens_next_while_it_is_empty(cast, signed_in, name, words):
    assert words in section(signed_in(cast.alice).get(FILES), name)


def test_the_limits_are_told_before_somebody_chooses(cast, signed_in):
    limits = "PDF, JPG, PNG, HEIC, WebP, TIFF, DOCX, XLSX, TXT, CSV, DICOM; up to 50 MB each, and 10 at once."
    page = signed_in(cast.alice).get(FILES)
    assert limits in section(page, "send")
    described = re.search(r'<input type="file"[^>]*aria-describedby="([^"]+)"', page.text)[1]
    assert limits in re.search(rf'id="{described}">([^<]+)<', page.text)[1]


def test_several_files_are_chosen_at_once_and_a_phone_offers_its_camera(cast, signed_in):
    page = signed_in(cast.alice).get(FILES).text
    assert re.search(r'<input type="file" name="files" multiple', page)
    assert re.search(r'<input type="file" name="files"[^>]*accept="image/\*" capture="environment"', page)
    assert 'enctype="multipart/form-data"' in page


# Requested ------------------------------------------------------------------------------------


def test_a_request_tells_title_instructions_due_day_and_state(cast, signed_in):
    due = timezone.localdate() + timedelta(days=4)
    ask(cast, instructions="Front and back, please.", due_on=due)
    words = section(signed_in(cast.alice).get(FILES), "requested")
    assert "Insurance card" in words and "Front and back, please." in words and "Asked for" in words
    assert f"Please send it by {due:%A}" in words and "Overdue" not in words


def test_a_request_past_its_day_is_overdue(cast, signed_in):
    due = timezone.localdate() - timedelta(days=1)
    ask(cast, due_on=due)
    words = section(signed_in(cast.alice).get(FILES), "requested")
    assert "Overdue" in words and f"It was due on {due:%A}" in words


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_request_is_due_until_the_end_of_its_day_where_the_reader_is(cast, signed_in, zone):
    cast.alice.time_zone = zone
    cast.alice.save()
    ask(cast, due_on=timezone.now().astimezone(ZoneInfo(zone)).date())
    assert "Overdue" not in section(signed_in(cast.alice).get(FILES), "requested")


def test_what_has_to_come_again_tells_why_and_what_came_before(cast, signed_in):
    asked = ask(cast)
    send(cast.alice, cast.alice_client, text(name="front.txt"), request=asked)
    requests.send_again(asked, by=cast.olga, reason="The number cannot be read.")
    words = section(signed_in(cast.alice).get(FILES), "requested")
    assert "Please send again" in words and "The number cannot be read." in words and "front.txt" in words


def test_what_was_received_says_that_nothing_more_is_to_be_done_and_takes_another_file(cast, signed_in):
    asked = ask(cast)
    send(cast.alice, cast.alice_client, request=asked)
    words = section(signed_in(cast.alice).get(FILES), "requested")
    assert "there is nothing more for you to do" in words and "Send another file for this" in words


def test_what_waits_for_the_client_stands_first_the_most_urgent_at_the_top(cast, signed_in):
    today = timezone.localdate()
    received = ask(cast, title="Received one")
    send(cast.alice, cast.alice_client, request=received)
    ask(cast, title="No day")
    ask(cast, title="Next week", due_on=today + timedelta(days=7))
    ask(cast, title="Last week", due_on=today - timedelta(days=7))
    titles = [one["row"].title for one in signed_in(cast.alice).get(FILES).context["requested"]]
    assert titles == ["Last week", "Next week", "No day", "Received one"]


def test_cancelled_and_accepted_requests_stand_below(cast, signed_in):
    requests.cancel(ask(cast, title="Consent form"), by=cast.olga)
    done = ask(cast, title="Growth chart")
    checked(send(cast.alice, cast.alice_client, request=done))
    requests.accept(done, by=cast.olga)
    page = signed_in(cast.alice).get(FILES)
    assert "Nothing is waiting for you" in section(page, "requested")
    words = section(page, "earlier")
    assert "Consent form" in words and "Not needed any more" in words
    assert "Growth chart" in words and "Accepted" in words


# Sent -----------------------------------------------------------------------------------------


def test_each_file_sent_tells_name_size_moment_with_zone_and_what_it_was_for(cast, signed_in):
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    asked = ask(cast, title="Referral letter")
    upload = send(cast.alice, cast.alice_client, text("x" * 2048, "referral.txt"), request=asked, note="From Dr. Wu")
    Upload.objects.filter(pk=upload.pk).update(sent_at="2026-11-12T17:30:00Z")
    words = section(signed_in(cast.alice).get(FILES), "sent")
    assert "referral.txt" in words and "2.0 KB" in words
    assert "Nov. 12, 2026, 12:30 p.m. EST" in words
    assert "for “Referral letter”" in words and "From Dr. Wu" in words


def test_the_state_of_each_file_is_in_words(cast, signed_in):
    browser = signed_in(cast.alice)
    upload = send(cast.alice, cast.alice_client)
    assert "Being checked" in section(browser.get(FILES), "sent")
    checked(upload)
    assert "Received" in section(browser.get(FILES), "sent")
    checked(upload, opened_at=timezone.now())
    assert "Opened by the practice" in section(browser.get(FILES), "sent")
    refused(upload, "encrypted")
    words = section(browser.get(FILES), "sent")
    assert "Refused" in words and "This file is locked with a password." in words


def test_download_and_withdrawing_are_offered_only_while_they_work(cast, signed_in):
    browser = signed_in(cast.alice)
    upload = send(cast.alice, cast.alice_client)

    def offered():
        words = section(browser.get(FILES), "sent")
        return [word for word in ("Download", "Withdraw") if word in words]

    assert offered() == ["Withdraw"]
    checked(upload)
    assert offered() == ["Download", "Withdraw"]
    checked(upload, opened_at=timezone.now())
    assert offered() == ["Download"]
    refused(upload)
    assert offered() == []


def test_a_picture_shows_as_a_small_one(cast, signed_in):
    upload = with_preview(checked(send(cast.alice, cast.alice_client, picture())))
    assert f'src="{reverse("uploads:preview", args=[upload.pk])}"' in signed_in(cast.alice).get(FILES).text


def test_the_newest_stand_first_in_pages_of_twenty(cast, signed_in):
    for number in range(25):
        upload = send(cast.alice, cast.alice_client, text(f"{number}", f"number {number:02}.txt"))
        Upload.objects.filter(pk=upload.pk).update(sent_at=timezone.now() - timedelta(days=number))
    browser = signed_in(cast.alice)
    first, second = (section(browser.get(FILES, {"page": page}), "sent") for page in (1, 2))
    assert first.index("number 00.txt") < first.index("number 19.txt") and "number 20.txt" not in first
    assert "number 20.txt" in second and "number 24.txt" in second
    assert "Page 1 of 2" in first and "Older" in first and "Newer" in second


def test_a_file_that_somebody_else_sent_for_the_same_person_names_them(cast, signed_in):
    partner = factories.user("Paul Adams")
    factories.access(partner, cast.alice_client, "partner")
    send(partner, cast.alice_client)
    assert "sent by Paul Adams" in section(signed_in(cast.alice).get(FILES), "sent")
    assert "sent by" not in section(signed_in(partner).get(FILES), "sent")


def test_a_withdrawn_file_and_files_of_other_areas_are_not_listed(cast, signed_in):
    gone = send(cast.alice, cast.alice_client, text(name="gone.txt"))
    Upload.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now(), file="")
    send(cast.alice, cast.alice_client, text("Card", "card.txt"), area="profile")
    words = signed_in(cast.alice).get(FILES).text
    assert "gone.txt" not in words and "card.txt" not in words


# Shared ---------------------------------------------------------------------------------------


def test_what_the_practice_shares_tells_name_note_by_whom_and_when(cast, signed_in):
    shared(cast, cast.alice_client, "Meal plan.txt", note="For the first two weeks")
    words = section(signed_in(cast.alice).get(FILES), "shared")
    assert "Meal plan.txt" in words and "For the first two weeks" in words and "from Olga Owens" in words
    assert "UTC" in words and "Download" in words


def test_a_file_of_the_practice_is_hidden_until_it_is_shared(cast, signed_in):
    send(cast.olga, cast.alice_client, text(name="draft.txt"), source="practice")
    assert "draft.txt" not in signed_in(cast.alice).get(FILES).text


def test_a_shared_file_that_is_still_being_checked_is_not_shown(cast, signed_in):
    upload = shared(cast, cast.alice_client, "plan.txt")
    Upload.objects.filter(pk=upload.pk).update(status="scanning")
    assert "plan.txt" not in signed_in(cast.alice).get(FILES).text


# Whose ----------------------------------------------------------------------------------------


def test_with_one_person_nothing_about_choosing_shows(cast, signed_in):
    page = signed_in(cast.alice).get(FILES).text
    assert "?person=" not in page and "For whom?" not in page


def test_with_several_each_entry_names_its_person_and_one_can_be_chosen(cast, signed_in):
    ask(cast, cast.timo, "Timo's card")
    send(cast.gina, cast.lena, text(name="of lena.txt"))
    gina = signed_in(cast.gina)
    page = gina.get(FILES)
    assert "Timo" in section(page, "requested") and "Lena" in section(page, "sent")
    assert "For whom?" in section(page, "send")
    only = gina.get(FILES, {"person": cast.timo.pk})
    assert "Timo&#x27;s card" in only.text and "of lena.txt" not in only.text
    assert f'<option value="{cast.timo.pk}" selected>' in only.text


def test_s1_somebody_elses_person_is_not_found(cast, signed_in):
    gina = signed_in(cast.gina)
    for key in (cast.bob_client.pk, uuid4(), "nonsense"):
        assert gina.get(FILES, {"person": key}).status_code == 404


def test_only_people_with_the_right_to_files_are_there(cast, signed_in):
    Access.objects.filter(user=cast.gina, client=cast.timo).update(areas=["appointments"])
    ask(cast, cast.timo, "Timo's card")
    send(cast.olga, cast.timo, text(name="timo.txt"))
    gina = signed_in(cast.gina)
    page = gina.get(FILES).text
    assert "Timo" not in page and "timo.txt" not in page
    assert gina.get(FILES, {"person": cast.timo.pk}).status_code == 404


def test_without_any_right_to_files_there_is_no_such_page_and_no_way_to_it(cast, signed_in):
    Access.objects.filter(user=cast.alice).update(areas=["appointments"])
    alice = signed_in(cast.alice)
    assert alice.get(FILES).status_code == 404
    assert 'href="/uploads/"' not in alice.get("/").text
    assert 'href="/uploads/"' in signed_in(cast.bob).get("/").text


def test_a_client_in_the_archive_is_not_shown(cast, signed_in):
    send(cast.gina, cast.timo, text(name="timo.txt"))
    archive_client(cast.timo, by=None)
    assert "timo.txt" not in signed_in(cast.gina).get(FILES).text


# What it costs --------------------------------------------------------------------------------


def queries_of(browser):
    browser.get(FILES)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(FILES).status_code == 200
    return len(queries)


def fill(cast, start, end):
    for number in range(start, end):
        for child in (cast.timo, cast.lena):
            asked = ask(cast, child, f"Request {number}")
            with_preview(
                checked(send(cast.gina, child, text(f"{number}{child}", f"{number}.txt"), request=asked, note="A note"))
            )
            shared(cast, child, f"Plan {number}.txt")
            done = ask(cast, child, f"Done {number}")
            requests.cancel(done, by=cast.olga)


def test_the_page_costs_the_same_queries_for_one_row_and_for_thirty(cast, signed_in):
    gina = signed_in(cast.gina)
    fill(cast, 0, 1)
    few = queries_of(gina)
    fill(cast, 1, 30)
    assert queries_of(gina) == few
    assert few <= 20


# The home page --------------------------------------------------------------------------------


def test_the_home_page_lists_what_is_to_be_sent_and_counts_as_the_page_of_files_does(cast, signed_in):
    today = timezone.localdate()
    ask(cast, title="Late one", due_on=today - timedelta(days=1))
    again = ask(cast, title="Blurred one")
    send(cast.alice, cast.alice_client, text(), request=again)
    requests.send_again(again, by=cast.olga, reason="It is blurred.")
    received = ask(cast, title="Received one")
    send(cast.alice, cast.alice_client, text("More"), request=received)
    alice = signed_in(cast.alice)
    page = alice.get("/")
    words = section(page, "todo")
    assert "Late one" in words and "Overdue" in words
    assert "Blurred one" in words and "Please send again" in words
    assert "Received one" not in words
    [card] = [entry["card"] for entry in page.context["cards"] if entry["template"].endswith("todo.html")]
    listed = [one["row"] for one in alice.get(FILES).context["requested"] if one["row"].status != "received"]
    assert card["count"] == len(card["rows"]) == len(listed) == 2
    assert {row["url"] for row in card["rows"]} == {reverse("uploads:request", args=[row.pk]) for row in listed}


def test_the_home_page_leads_to_all_where_they_are_many(cast, signed_in):
    for number in range(9):
        ask(cast, title=f"Request {number}")
    page = signed_in(cast.alice).get("/")
    [card] = [entry["card"] for entry in page.context["cards"] if entry["template"].endswith("todo.html")]
    assert card["count"] == 9 and len(card["rows"]) == 6
    assert len(signed_in(cast.alice).get(card["url"]).context["requested"]) == 9


def test_the_home_page_asks_right_by_right(cast, signed_in):
    ask(cast, cast.timo, "Timo's card")
    ask(cast, cast.lena, "Lena's card")
    Access.objects.filter(user=cast.gina, client=cast.timo).update(areas=["appointments"])
    page = section(signed_in(cast.gina).get("/"), "todo")
    assert "Lena&#x27;s card" in page and "Timo&#x27;s card" not in page


def test_staff_who_look_as_the_client_find_the_row_and_nothing_to_press(cast, signed_in):
    asked = ask(cast)
    page = signed_in(cast.olga).get(reverse("admin:as_client", args=[cast.alice_client.pk]))
    assert "Insurance card" in page.text and str(asked.pk) not in section(page, "todo")
    assert reverse("uploads:request", args=[asked.pk]) not in page.text
