"""Files sent in Chromium: with progress, by keyboard, for a screen reader, offline, and without JavaScript."""

import json
import re

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Client
from tests import factories
from tests.browser.conftest import PHONE
from tests.browser.test_markup import PAYLOADS, walk
from tests.laws.sources import ROOT
from tests.uploads.sent import PROGRAM, checked, picture, refused, send, shared, text, with_preview
from uploads.actions import requests
from uploads.models import Upload, UploadRequest

FILES = "/uploads/"
NAMES = json.loads((ROOT / "tests/data/file-names.json").read_text())["names"]


def file(name="letter.txt", content=b"Dear practice", kind="text/plain"):
    return {"name": name, "mimeType": kind, "buffer": content}


def form(page, of="#send"):
    return page.locator(f"{of} form.sender")


def choose(page, *files, of="#send"):
    form(page, of).get_by_label("Choose files").set_input_files(list(files))


def row(page, name):
    return page.locator("[data-picks] > li").filter(has_text=name)


def open_files(page, sign_in, user):
    sign_in(page, user)
    page.goto(FILES)
    expect(form(page)).to_have_attribute("data-ready", "")


def button(page, name):
    return form(page).get_by_role("button", name=name, exact=True)


def hold(page):
    """Sending waits until `let_go()`."""
    held = []

    def keep(route):
        held.append(route)

    page.route("**/uploads/send/", keep)

    def let_go():
        for route in held:
            route.continue_()
        page.unroute("**/uploads/send/")

    return let_go


def note_what_is_said(page):
    """Every text that the page's live region has had."""
    page.evaluate("""() => {
      window.said = [];
      const region = document.querySelector("#send [data-say]");
      new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
    }""")
    return lambda: page.evaluate("window.said")


# With a script ---------------------------------------------------------------------------------


def test_files_are_chosen_sent_and_followed_until_they_are_checked(page, cast, sign_in, axe):
    open_files(page, sign_in, cast.alice)
    expect(button(page, "Send")).to_be_hidden()
    choose(page, file("one.txt"), file("two.txt", b"Two"))
    expect(row(page, "one.txt")).to_contain_text("Ready to send")
    axe(page)
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("Received. We are checking it now.")
    expect(row(page, "two.txt")).to_contain_text("Received. We are checking it now.")
    expect(page.locator("#sent")).to_contain_text("one.txt")
    expect(page.locator("#sent").get_by_text("Being checked")).to_have_count(2)
    axe(page)
    checked(Upload.objects.get(name="one.txt"))
    refused(Upload.objects.get(name="two.txt"), "encrypted")
    expect(row(page, "one.txt")).to_contain_text("Received and checked.")
    expect(row(page, "two.txt")).to_contain_text("This file is locked with a password.")
    expect(page.locator("#sent").get_by_text("Being checked")).to_have_count(0)
    expect(page.locator("#sent")).to_contain_text("Refused")


def test_progress_is_shown_and_said_at_the_beginning_the_middle_and_the_end_only(page, cast, sign_in, axe):
    open_files(page, sign_in, cast.alice)
    said = note_what_is_said(page)
    let_go = hold(page)
    choose(page, file("long scan.txt", b"x" * 300_000))
    button(page, "Send").click()
    progress = page.get_by_role("progressbar", name="Sending: long scan.txt")
    expect(progress).to_be_visible()
    axe(page)
    let_go()
    expect(row(page, "long scan.txt")).to_contain_text("Received.")
    expect(progress).to_be_hidden()
    assert said() == ["Chosen files: 1. Press Send.", "Sending", "Half of it is sent.", "Sent: 1 of 1."]


def test_a_refusal_is_read_by_keyboard_and_stands_in_the_tree_of_a_screen_reader(page, cast, sign_in):
    open_files(page, sign_in, cast.alice)
    said = note_what_is_said(page)
    page.locator("#send input[type=file]").first.focus()
    choose(page, file("good.txt"), file("run.exe", PROGRAM), file("empty.pdf", b""))
    page.locator("#send input[type=file]").first.focus()
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.trim()"))
        if seen[-1] == "Send":
            break
    assert seen[:2] == ["Remove: good.txt", "Remove: run.exe"] and seen[-1] == "Send"
    page.keyboard.press("Enter")
    sentence = "This file is a program, and programs cannot be sent."
    expect(row(page, "run.exe")).to_contain_text(sentence)
    expect(page.locator("[data-picks]:focus")).to_have_count(1)
    expect(form(page).get_by_role("list", name="Chosen files")).to_match_aria_snapshot("""
      - list "Chosen files":
        - listitem:
          - paragraph: good.txt
          - paragraph: /13 byte/
          - paragraph: Received. We are checking it now.
        - listitem:
          - paragraph: run.exe
          - paragraph: /204 byte/
          - paragraph: /This file is a program, and programs cannot be sent\\./
        - listitem:
          - paragraph: empty.pdf
          - paragraph: /0 byte/
          - paragraph: This file is empty. Please check it on your device and send it again.
    """)
    assert said()[-1].startswith("Sent: 1 of 2. run.exe: This file is a program")
    assert [upload.name for upload in Upload.objects.all()] == ["good.txt"]


def test_a_file_is_removed_before_and_cancelled_while_it_is_sent(page, cast, sign_in):
    open_files(page, sign_in, cast.alice)
    hold(page)
    choose(page, file("one.txt"), file("two.txt", b"Two"), file("three.txt", b"Three"))
    page.get_by_role("button", name="Remove: three.txt").click()
    expect(row(page, "three.txt")).to_have_count(0)
    button(page, "Send").click()
    page.get_by_role("button", name="Cancel: one.txt").focus()
    page.keyboard.press("Enter")
    expect(row(page, "one.txt")).to_contain_text("Cancelled. Nothing of this file was stored.")
    expect(page.get_by_role("button", name="Try again: one.txt")).to_be_focused()
    expect(page.get_by_role("progressbar", name="Sending: two.txt")).to_be_visible()
    # Who is let go before the browser has given a request up, lets it through.
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Cancel: two.txt").click()
    expect(row(page, "two.txt")).to_contain_text("Cancelled.")
    page.unroute("**/uploads/send/")
    assert not Upload.objects.exists()
    page.get_by_role("button", name="Try again: one.txt").click()
    expect(row(page, "one.txt")).to_contain_text("Received.")
    assert [upload.name for upload in Upload.objects.all()] == ["one.txt"]


def test_a_lost_connection_is_told_and_the_file_can_be_sent_again(new_context, cast, sign_in):
    context = new_context(watched=False)
    page = context.new_page()
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    context.set_offline(True)
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("The connection was lost. Nothing of this file was stored.")
    assert not Upload.objects.exists()
    context.set_offline(False)
    page.get_by_role("button", name="Try again: one.txt").click()
    expect(row(page, "one.txt")).to_contain_text("Received.")
    assert Upload.objects.get().name == "one.txt"


@pytest.mark.parametrize("how", ["the line breaks", "somebody cancels"])
def test_without_an_answer_nobody_is_told_that_nothing_was_stored(new_context, cast, sign_in, how):
    """All of it was sent, and the server is not to be stopped: it may have the file, or not."""
    context = new_context(watched=False)
    page = context.new_page()
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    with transaction.atomic():
        Client.objects.select_for_update().get(pk=cast.alice_client.pk)  # no row of hers can be written meanwhile
        button(page, "Send").click()
        expect(page.get_by_role("progressbar", name="Sending: one.txt")).to_have_js_property("value", 1)
        if how == "the line breaks":
            context.set_offline(True)
        else:
            page.get_by_role("button", name="Cancel: one.txt").click()
        expect(row(page, "one.txt")).to_contain_text("We may have it already")
        expect(row(page, "one.txt")).not_to_contain_text("Nothing of this file was stored.")
    context.set_offline(False)
    page.get_by_role("button", name="Try again: one.txt").click()
    expect(row(page, "one.txt")).to_contain_text(re.compile("Received|You already sent this"))
    assert Upload.objects.get().name == "one.txt"


def test_a_fault_of_the_server_is_told_and_the_file_can_be_sent_again(new_context, cast, sign_in):
    page = new_context(watched=False).new_page()
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    page.route("**/uploads/send/", lambda route: route.fulfill(status=500, body="<h1>Sorry</h1>"))
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("This did not work on our side. Nothing of this file was stored.")
    page.unroute("**/uploads/send/")
    page.get_by_role("button", name="Try again: one.txt").click()
    expect(row(page, "one.txt")).to_contain_text("Received.")


@pytest.mark.parametrize("status", [502, 504])
def test_a_proxy_that_lost_the_server_does_not_say_that_nothing_was_stored(new_context, cast, sign_in, status):
    page = new_context(watched=False).new_page()
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    page.route("**/uploads/send/", lambda route: route.fulfill(status=status, body="<h1>Bad gateway</h1>"))
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("We may have it already.")


def test_no_room_on_the_disk_is_told_in_the_servers_words(new_context, cast, sign_in):
    page = new_context(watched=False).new_page()
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    full = {"error": "We have no room for files at the moment. Nothing of this was stored. Please try again later."}
    page.route("**/uploads/send/", lambda route: route.fulfill(status=507, json=full))
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("We have no room for files at the moment.")


def test_signed_out_meanwhile_it_leads_to_the_sign_in_and_names_what_was_not_sent(new_context, cast, sign_in):
    """A browser keeps no files over a sign-in; at least nobody has to remember which they were."""
    # Not watched: the page's socket is refused once the session is over.
    page = new_context(watched=False).new_page()
    session = sign_in(page, cast.alice)
    page.goto(FILES)
    expect(form(page)).to_have_attribute("data-ready", "")
    choose(page, file("one.txt"), file("two.txt", b"Two"))
    session["active_at"] = session["started_at"] = 0
    session.save()
    button(page, "Send").click()
    page.wait_for_url(re.compile("/account/login/"))
    assert not Upload.objects.exists()
    page.locator("[name=login]").fill(cast.alice.email)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{FILES}")
    kept = page.locator("[data-kept]")
    expect(kept).to_contain_text("These files were not sent yet. Please choose them again")
    expect(kept).to_contain_text("one.txt two.txt")


def test_somebody_who_signed_in_anew_in_another_tab_sends_with_a_second_press(new_context, cast, sign_in):
    context = new_context(watched=False)
    page = context.new_page()
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    page.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(input => { input.value = 'x'; })")
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("Nothing of this file was stored.")
    expect(page.locator("#send [name=csrfmiddlewaretoken]")).not_to_have_value("x")
    page.get_by_role("button", name="Try again: one.txt").click()
    expect(row(page, "one.txt")).to_contain_text("Received.")


def test_files_are_dropped_on_the_field(page, cast, sign_in):
    open_files(page, sign_in, cast.alice)
    dropped = page.evaluate_handle("""() => {
      const data = new DataTransfer();
      data.items.add(new File(["Dropped"], "dropped.txt"));
      return data;
    }""")
    page.dispatch_event("#send [data-drop]", "drop", {"dataTransfer": dropped})
    expect(row(page, "dropped.txt")).to_contain_text("Ready to send")
    button(page, "Send").click()
    expect(row(page, "dropped.txt")).to_contain_text("Received.")


def test_more_than_ten_are_told_before_they_are_sent(page, cast, sign_in):
    open_files(page, sign_in, cast.alice)
    choose(page, *[file(f"{number}.txt", b"%d" % number) for number in range(12)])
    expect(page.locator("#send [data-picks] > li")).to_have_count(10)
    expect(form(page)).to_contain_text("That is more than we can take at once. Please send the others after these.")


def test_a_file_for_a_request_changes_its_state_on_the_page(page, cast, sign_in):
    asked = requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card")
    open_files(page, sign_in, cast.alice)
    choose(page, file("front.txt"), of="#requested")
    form(page, "#requested").get_by_role("button", name=re.compile("Send.*Insurance card")).click()
    expect(page.locator(f"#about-{asked.pk}")).to_contain_text("Received")
    expect(page.locator(f"#about-{asked.pk}")).to_contain_text("front.txt")
    expect(page.locator("#sent")).to_contain_text("for “Insurance card”")


def test_with_several_people_nothing_is_sent_before_it_is_said_for_whom(page, cast, sign_in):
    open_files(page, sign_in, cast.gina)
    choose(page, file("one.txt"))
    button(page, "Send").click()
    expect(page.get_by_label("For whom?")).to_be_focused()
    assert not Upload.objects.exists()
    page.get_by_label("For whom?").select_option("Lena Gray")
    button(page, "Send").click()
    expect(row(page, "one.txt")).to_contain_text("Received.")
    assert Upload.objects.get().client == cast.lena


def test_a_double_press_sends_once(page, cast, sign_in):
    open_files(page, sign_in, cast.alice)
    choose(page, file("one.txt"))
    button(page, "Send").dblclick()
    expect(row(page, "one.txt")).to_contain_text("Received.")
    assert Upload.objects.count() == 1


# On a phone -------------------------------------------------------------------------------------


def test_a_phone_offers_its_camera_and_every_target_is_as_large_as_a_thumb(new_context, cast, sign_in):
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    checked(send(cast.alice, cast.alice_client))
    open_files(page, sign_in, cast.alice)
    expect(page.locator("#send .camera")).to_be_visible()
    expect(page.get_by_text("or drop them here")).to_be_hidden()
    form(page).get_by_label("Take a photo").set_input_files([file("IMG_1.png", picture().read(), "image/png")])
    expect(row(page, "IMG_1.png")).to_contain_text("Ready to send")
    small = page.evaluate("""() => [...document.querySelectorAll("main :is(a, button, label[for*=files], summary)")]
      .filter(part => part.checkVisibility() && part.getBoundingClientRect().height < 44)
      .map(part => part.outerHTML)""")
    assert not small
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    button(page, "Send").click()
    expect(row(page, "IMG_1.png")).to_contain_text("Received.")


def test_a_mouse_is_offered_no_camera(page, cast, sign_in):
    open_files(page, sign_in, cast.alice)
    expect(page.locator("#send .camera")).to_be_hidden()


# Without a script -------------------------------------------------------------------------------


def test_without_javascript_the_form_sends_several_and_the_next_page_tells_of_each(plain_page, cast, sign_in):
    page = plain_page
    sign_in(page, cast.alice)
    page.goto(FILES)
    choose(page, file("one.txt"), file("run.exe", PROGRAM))
    button(page, "Send").click()
    page.wait_for_url(re.compile(f"{FILES}$"))
    expect(page.get_by_role("status").first).to_contain_text("Received: one.txt.")
    expect(page.get_by_role("alert")).to_contain_text("programs cannot be sent")
    expect(page.locator("#sent")).to_contain_text("one.txt")
    page.reload()
    assert Upload.objects.count() == 1


def test_without_javascript_a_request_is_answered_and_a_file_withdrawn(plain_page, cast, sign_in):
    page = plain_page
    requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card")
    sign_in(page, cast.alice)
    page.goto("/")
    page.get_by_role("link", name=re.compile("Send.*Insurance card")).click()
    page.get_by_label("Choose files").set_input_files([file("front.txt")])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("there is nothing more for you to do")).to_be_visible()
    page.get_by_role("link", name="All files").click()
    page.get_by_role("link", name="Withdraw front.txt").click()
    page.get_by_role("button", name="Withdraw the file").click()
    expect(page.get_by_role("status").first).to_contain_text("front.txt was withdrawn")
    assert Upload.objects.get().withdrawn_at


# Names that troubled others ---------------------------------------------------------------------


@pytest.fixture
def hostile(cast):
    """A file of each such name, sent by Alice, and some of the same shared with her."""
    for number, name in enumerate(dict.fromkeys([*PAYLOADS, *NAMES])):
        upload = send(cast.alice, cast.alice_client, text(f"Letter {number}", "letter.txt"))
        Upload.objects.filter(pk=upload.pk).update(
            name=name.replace("\x00", "")[:255] or "-", note=name[:90].replace("\x00", "")
        )
    for number, name in enumerate(PAYLOADS[:20]):
        upload = shared(cast, cast.alice_client, f"{number}.txt")
        Upload.objects.filter(pk=upload.pk).update(name=name[:255])


def test_s39_no_name_runs_in_any_page_that_shows_one_to_a_client(page, cast, sign_in, hostile):
    asked = requests.ask(
        client=cast.alice_client, by=cast.olga, title=PAYLOADS[1][:120], instructions=PAYLOADS[3][:900]
    )
    again = requests.ask(client=cast.alice_client, by=cast.olga, title=PAYLOADS[5][:120])
    asked.uploads.set(Upload.objects.filter(source="client"))
    UploadRequest.objects.filter(pk=again.pk).update(status="send_again", reason=PAYLOADS[7][:500])
    sign_in(page, cast.alice)
    files = Upload.objects.filter(source="client")
    lists = [f"{FILES}?page={number}" for number in range(1, files.count() // 20 + 2)]
    walk(page, [*lists, reverse("uploads:request", args=[asked.pk]), "/"])
    walk(page, [reverse("uploads:withdraw", args=[upload.pk]) for upload in files[:10]])


def test_s39_no_name_runs_in_any_page_that_shows_one_to_staff(page, cast, sign_in, hostile):
    sign_in(page, cast.olga)
    files = Upload.objects.filter(source="client")
    lists = [f"{reverse('admin:uploads_upload_changelist')}?p={number}" for number in (1, 2, 3)]
    rows = [reverse("admin:uploads_upload_change", args=[upload.pk]) for upload in files[:5]]
    walk(page, [*lists, *rows, reverse("admin:record", args=[cast.alice_client.pk]), reverse("admin:index")])


def test_s39_no_name_runs_in_a_row_that_a_script_makes(page, cast, sign_in):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    open_files(page, sign_in, cast.alice)
    for start in range(0, 40, 10):
        choose(page, *[file(name[:200], b"%d" % n) for n, name in enumerate(PAYLOADS[start : start + 10], start)])
        button(page, "Send").click()
        expect(button(page, "Send")).to_be_hidden()
        expect(page.locator("[data-became=received]")).to_have_count(10)
    assert page.locator("#send img, #send script, #send iframe").count() == 0
    assert not dialogs


def test_a_name_that_hides_its_ending_shows_it(page, cast, sign_in):
    """U+202E would show `exe.fdp` as `pdf.exe` read backwards; a sign stands in its place."""
    open_files(page, sign_in, cast.alice)
    choose(page, file("bill\u202efdp.txt"))
    expect(page.locator("#send bdi")).to_have_text("bill\ufffdfdp.txt")


def test_a_name_of_three_hundred_letters_wraps(narrow_page, cast, sign_in):
    upload = with_preview(checked(send(cast.alice, cast.alice_client, text(name="n" * 300 + ".txt"))))
    sign_in(narrow_page, cast.alice)
    for url in (FILES, reverse("uploads:withdraw", args=[upload.pk])):
        narrow_page.goto(url)
        assert narrow_page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
