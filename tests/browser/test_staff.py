"""The staff's pages in Chromium: every one for axe, in light, dark and at 320 px; reception's day by keyboard,
without JavaScript, on a phone."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.actions.factors import ask_factor_reset
from accounts.actions.invitations import send_invitation
from accounts.models import Access, FactorReset, Invitation, OutgoingMail, Role
from tests import factories
from tests.browser.conftest import PHONE
from tests.browser.test_pages import is_accessible


@pytest.fixture
def busy(cast):
    """A practice with something in every state."""
    sent = [
        send_invitation(factories.client(name), by=cast.rhea).invitation
        for name in ("Carl Cole", "Late Lou", "Lost Liv")
    ]
    Invitation.objects.filter(pk=sent[1].pk).update(expires_at=sent[1].sent_at)
    Invitation.objects.filter(pk=sent[2].pk).update(status="undeliverable")
    OutgoingMail.objects.filter(client=sent[2].client).update(status="failed", error="550 5.1.1 no such user here")
    factories.staff("Nora New", "Intake", factor=False)
    factories.TOTP.activate(cast.bob, factories.TOTP_SECRET)
    ask_factor_reset(cast.bob, by=cast.rhea, reason="Phone lost.")
    cast.invitation = sent[0]
    return cast


def record(client):
    return reverse("admin:record", args=[client.pk])


def pages(cast):
    """Every kind of page with its address: the menu's lists, and the rows' own."""
    rows = {
        "client": cast.bob_client, "access": Access.objects.get(user=cast.gina, client=cast.timo),
        "invitation": cast.invitation, "factorreset": FactorReset.objects.get(), "role": Role.objects.first(),
        "outgoingmail": OutgoingMail.objects.get(status="failed"), "practice": cast.practice, "user": cast.rhea,
        "provider": cast.dana_provider,
    }  # fmt: skip
    yield reverse("admin:index")
    yield record(cast.bob_client)
    yield reverse("admin:as_client", args=[cast.bob_client.pk])
    yield reverse("admin:accounts_client_invite", args=[cast.timo.pk])
    yield reverse("admin:accounts_client_history", args=[cast.bob_client.pk])
    yield reverse("admin:accounts_client_changelist") + "?q=zzz"
    for word in ("client", "legaldocument"):
        yield reverse(f"admin:accounts_{word}_add")
    for model, its_page in admin.site._registry.items():
        word = model._meta.model_name
        if its_page.in_menu and word != "practice":
            yield its_page.list_url()
        if row := rows.get(word):
            yield reverse(f"admin:accounts_{word}_change", args=[row.pk])


def test_every_staff_page_is_accessible_in_light_in_dark_and_at_320_px(busy, page, sign_in, axe):
    sign_in(page, busy.olga)
    for url in pages(busy):
        is_accessible(page, url, axe)


def test_a_forms_errors_take_focus_and_lead_to_their_fields(cast, page, sign_in, axe):
    sign_in(page, cast.rhea)
    page.goto(reverse("admin:accounts_client_add"))
    page.get_by_role("button", name="Save").click()
    summary = page.locator(".error-summary")
    summary.wait_for()
    page.wait_for_function("document.activeElement.matches('.error-summary')")
    summary.get_by_role("link").first.press("Enter")
    page.wait_for_function("document.activeElement.name == 'name'")
    axe(page)


def test_reception_finds_invites_and_copies_the_link_by_keyboard(cast, page, sign_in):
    factories.client("Carl Cole")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, cast.rhea)
    page.goto(reverse("admin:index"))
    page.get_by_role("searchbox").focus()
    page.keyboard.type("carl co")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Carl Cole").press("Enter")
    page.get_by_role("heading", level=1, name="Carl Cole").wait_for()
    page.get_by_role("button", name="Send invitation").press("Enter")
    page.get_by_text("The invitation is on its way to carl@example.com.").wait_for()
    page.get_by_role("button", name="Copy link carl@example.com").press("Enter")
    page.get_by_role("button", name="Copy", exact=True).press("Enter")
    page.get_by_role("status").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith(
        reverse("accounts:join", args=[Invitation.objects.get().token])
    )


def test_reception_invites_many_with_the_boxes(cast, page, sign_in):
    sign_in(page, cast.rhea)
    for name in ("Carl Cole", "Dora Dell"):
        factories.client(name)
    page.goto(reverse("admin:accounts_client_changelist") + "?portal=none")
    bar = page.get_by_role("button", name="Send invitation")
    assert not bar.is_visible()
    page.get_by_label("Select all objects on this page for an action").check()
    page.get_by_text("2 chosen").wait_for()
    bar.click()
    page.get_by_text("2 invitations on their way.").wait_for()
    assert Invitation.objects.count() == 2


def test_everything_works_without_javascript(cast, plain_page, sign_in):
    page = plain_page
    sign_in(page, cast.rhea)
    page.goto(reverse("admin:accounts_client_add"))
    page.get_by_label("Name required").fill("Carl Cole")
    page.get_by_label("E-mail optional").fill("carl@example.com")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send invitation").click()
    page.get_by_role("button", name="Copy link carl@example.com").click()
    token = Invitation.objects.get().token
    assert page.get_by_label("Link").input_value().endswith(reverse("accounts:join", args=[token]))
    page.goto(reverse("admin:accounts_client_changelist"))
    page.get_by_role("checkbox").nth(1).check()
    assert page.get_by_role("button", name="Send invitation").is_visible()


def test_on_a_phone_the_menu_opens_and_the_list_reads_down(cast, new_context, sign_in, axe):
    page = new_context(viewport=PHONE, has_touch=True).new_page()
    sign_in(page, cast.olga)
    page.goto(reverse("admin:index"))
    page.get_by_role("button", name="Menu").tap()
    axe(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Clients").tap()
    page.wait_for_url("**/accounts/client/")
    row = page.get_by_role("link", name="Alice Adams").bounding_box()
    state = page.locator("tr", has_text="Alice Adams").get_by_text("Joined").bounding_box()
    assert state["y"] > row["y"] + 20
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_colour_shows_while_it_is_chosen(cast, page, sign_in):
    sign_in(page, cast.olga)
    page.goto(reverse("admin:accounts_practice_change", args=[1]))
    page.get_by_label("Brand colour").fill("300")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--hue')").strip() == "300"


def test_the_clients_view_is_marked_and_leads_back(cast, page, sign_in):
    sign_in(page, cast.olga)
    page.goto(record(cast.bob_client))
    page.get_by_role("link", name="View as this client").click()
    page.get_by_text("You are looking at the portal as Bob Brown sees it.").wait_for()
    page.get_by_role("link", name="Back to the record").click()
    page.wait_for_url(f"**{record(cast.bob_client)}")
