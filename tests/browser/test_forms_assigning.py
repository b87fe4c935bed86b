"""Assigning forms in Chromium: what axe finds, by keyboard, on a phone, without JavaScript; importing one."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Client
from forms_app import ready_made
from forms_app.actions import assignments, library, questionnaires, reviews
from forms_app.models import Assignment, AssignmentRule, Questionnaire
from tests import factories
from tests.browser.test_pages import is_accessible
from tests.browser.test_staff import record
from tests.forms_app.house import asked, item, resource, save, submit

ADD, LIST = "admin:forms_app_assignment_add", "admin:forms_app_assignment_changelist"
IMPORT = "admin:forms_app_questionnaire_import"
BAD = resource(item("a"), item("a"), item("a_very_long_link_id_without_any_space_in_it_at_all_" * 2, "reference"))


@pytest.fixture
def busy(cast):
    """The ready-made forms, some of them assigned, one in every state; rules, one of which assigns nothing."""
    for name in ("phq-9", "general-intake", "treatment-consent"):
        library.load(ready_made.resource_of(name), by=None, is_published=True)
    cast.phq, cast.intake = (
        Questionnaire.objects.get(url=ready_made.resource_of(name)["url"]) for name in ("phq-9", "general-intake")
    )
    alice, today = cast.alice_client, timezone.localdate()
    cast.open = assignments.assign(client=alice, questionnaire=cast.intake, by=cast.olga, due_on=today)
    cast.lone = assignments.assign(client=factories.client("Nia Noon"), questionnaire=cast.phq, by=cast.olga)
    cast.late = assignments.assign(client=cast.timo, questionnaire=cast.phq, by=cast.olga)
    Assignment.objects.filter(pk=cast.late.pk).update(due_on=today - timedelta(days=4))
    cast.begun = asked(alice, item("a"), title="Begun")
    save(cast.begun, cast.alice, a="so far")
    cast.back = asked(alice, item("a"), title="A form that came back", url="http://example.org/2")
    reviews.send_back(submit(cast.back, cast.alice, a="yes").response, by=cast.olga, comment="Which day was it?")
    AssignmentRule.objects.create(url=cast.intake.url, due_days=7)
    cast.rule = AssignmentRule.objects.create(url=cast.begun.questionnaire.url, event="new_booking")
    questionnaires.retire(cast.begun.questionnaire, by=None)
    return cast


def pages(cast):
    yield record(cast.alice_client)
    yield reverse(LIST)
    yield reverse(LIST) + "?state=all"
    yield reverse(LIST) + "?q=zzz"
    yield reverse(ADD)
    yield f"{reverse(ADD)}?client={cast.lone.client_id}&client={cast.alice_client.pk}"
    for row in (cast.open, cast.lone, cast.late, cast.begun, cast.back):
        yield reverse("admin:forms_app_assignment_change", args=[row.pk])
    yield reverse("admin:forms_app_assignment_history", args=[cast.back.pk])
    yield reverse("admin:forms_app_assignmentrule_changelist")
    yield reverse("admin:forms_app_assignmentrule_add")
    yield reverse("admin:forms_app_assignmentrule_change", args=[cast.rule.pk])
    yield reverse(IMPORT)


def test_every_page_of_assigning_is_accessible_in_light_in_dark_and_at_320_px(busy, page, sign_in, axe):
    sign_in(page, busy.olga)
    for url in pages(busy):
        is_accessible(page, url, axe)


def look_at(page, form):
    page.goto(reverse(IMPORT))
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "form.json", "mimeType": "application/json", "buffer": json.dumps(form).encode()}
    )
    page.get_by_role("button", name="Look at it").press("Enter")


def test_the_report_on_a_form_is_accessible_whatever_it_says(busy, page, sign_in, axe):
    sign_in(page, busy.olga)
    for form, words in ((BAD, "It cannot be imported"), (resource(item("a")), "It can be imported: 1 item.")):
        look_at(page, form)
        page.get_by_text(words).wait_for()
        axe(page)
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 1200, "height": 900})


def test_many_clients_are_assigned_forms_by_keyboard(busy, page, sign_in):
    sign_in(page, busy.rhea)
    page.goto(reverse("admin:accounts_client_changelist"))
    for name in ("Bob Brown", "Lena Gray"):
        page.locator("tr", has_text=name).get_by_role("checkbox").press("Space")
    page.get_by_role("button", name="Assign forms").press("Enter")
    page.get_by_role("button", name="Assign", exact=True).press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Before your first visit").press("Space")
    page.get_by_label("How you have felt lately (PHQ-9)").press("Space")
    page.get_by_role("button", name="Assign", exact=True).press("Enter")
    page.get_by_text("Assigned 2 forms: Bob Brown, Lena Gray.").wait_for()
    assert Assignment.objects.filter(client__in=[busy.bob_client, busy.lena]).count() == 4


def test_everything_works_without_javascript(busy, plain_page, sign_in):
    page = plain_page
    sign_in(page, busy.olga)
    page.goto(record(busy.bob_client))
    page.get_by_role("link", name="Assign a form").click()
    page.get_by_label("Before your first visit").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_text("Assigned 1 form: Bob Brown.").wait_for()
    page.get_by_role("link", name="Before your first visit").click()
    page.get_by_label("Due").fill((timezone.localdate() + timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Change the day").click()
    page.get_by_text("Changed.").wait_for()
    page.get_by_role("button", name="Not needed any more").click()
    page.get_by_text("Whoever opens it reads that it is no longer needed.").wait_for()
    look_at(page, resource(item("a"), title="From elsewhere", url="http://example.org/new"))
    page.get_by_role("button", name="Import as a draft").click()
    page.get_by_text("Imported as a draft.").wait_for()
    assert Questionnaire.objects.get(title="From elsewhere").status == "draft"


def test_a_rule_is_made_by_keyboard_and_the_next_client_has_the_form(busy, page, sign_in):
    AssignmentRule.objects.all().delete()
    sign_in(page, busy.olga)
    page.goto(reverse("admin:forms_app_assignmentrule_changelist"))
    page.get_by_role("link", name="New rule").press("Enter")
    page.locator("[name=url]").select_option(label="Before your first visit")
    page.get_by_label("Due after").fill("14")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_text("Saved.").wait_for()
    page.goto(reverse("admin:accounts_client_add"))
    page.locator("[name=name]").fill("Vera Voss")
    page.locator("[name=email]").fill("vera@example.com")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_text("Before your first visit").first.wait_for()
    assert Client.objects.get(name="Vera Voss").assignments.get().questionnaire == busy.intake


def test_s39_scripts_in_every_string_of_a_file_do_not_run(busy, page, sign_in):
    sign_in(page, busy.olga)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    look_at(page, {**BAD, "title": evil, "item": [{**one, "linkId": evil, "text": evil} for one in BAD["item"]]})
    page.get_by_text("It cannot be imported").wait_for()
    assert page.locator("main script, main img[src=x]").count() == 0
