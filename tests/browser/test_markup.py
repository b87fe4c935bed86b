"""G11, S39: what people type is text on every page that shows it, to a client and to staff."""

import json

import pytest
from django.urls import reverse

from accounts.actions import changes, profile
from accounts.models import Client, ProfileChange
from billing.actions import coverages, proposals
from billing.models import Coverage, CoverageChange
from tests.laws.sources import ROOT

PAYLOADS = json.loads((ROOT / "tests/data/markup-payloads.json").read_text())["payloads"]
FACTS = ("name", "address", "phone", "pronouns", "emergency_name", "emergency_phone", "emergency_relationship")


def walk(page, urls):
    """Each page opens, shows no dialog, and holds no element that somebody's text could have made.

    What the policy refuses, or a script that breaks, fails the test by itself.
    """
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for url in urls:
        assert page.goto(url).status == 200, url
        assert page.locator("main :is(iframe, object, embed, math, style, [onerror], [onload], [onclick])").count() == 0
        assert page.locator("main img:not(.thumb, .avatar), main svg:not(.icon, .art)").count() == 0, url
        assert page.evaluate("[...document.scripts].every(script => script.src || script.type === 'application/json')")
    assert not dialogs


def words(at, most):
    """A payload that the fields take: without the characters that none of them does."""
    shown = "".join(ch for ch in PAYLOADS[at % len(PAYLOADS)] if ch.isprintable())
    return shown[:most] or "-"


@pytest.fixture
def typed(cast):
    """Alice's record, what she proposes and why it was not taken over, and her insurances: all of it markup."""
    alice, by = cast.alice_client, cast.alice
    facts = {name: words(at, Client._meta.get_field(name).max_length or 200) for at, name in enumerate(FACTS)}
    Client.objects.filter(pk=alice.pk).update(**facts)
    alice.refresh_from_db()
    [refused] = profile.save_details(alice, {"address": words(9, 300)}, by=by)
    changes.decide(refused, by=cast.olga, apply=False, reason=words(10, 400))
    profile.save_details(alice, {"address": words(11, 300), "emergency_name": words(12, 150)}, by=by)
    kept = Coverage(client=alice, order=1, payor=words(13, 150), plan=words(14, 150), subscriber_id="1")
    coverages.save_coverage(kept, by=None)
    proposals.add_coverage(alice, {"payor": words(15, 150), "subscriber_id": "2", "group": words(16, 60)}, by=by)
    assert ProfileChange.objects.count() == 3 and CoverageChange.objects.count() == 3
    return alice


def test_s39_nothing_that_was_typed_runs_before_a_client(page, cast, sign_in, typed):
    sign_in(page, cast.alice)
    own = [reverse(f"accounts:{word}", args=[typed.pk]) for word in ("profile_edit", "profile_picture", "record_views")]
    policies = [reverse("billing:insurance_edit", args=[policy.pk]) for policy in Coverage.objects.all()]
    walk(page, ["/", "/profile/", "/insurance/", "/insurance/add/", "/uploads/export/", *own, *policies])


def test_s39_nothing_that_was_typed_runs_before_staff(page, cast, sign_in, typed):
    sign_in(page, cast.olga)
    record, review = reverse("admin:record", args=[typed.pk]), reverse("admin:review", args=[typed.pk])
    lists = [reverse(f"admin:{kind}_changelist") for kind in ("accounts_client", "billing_coverage")]
    policies = [reverse("admin:billing_coverage_change", args=[policy.pk]) for policy in Coverage.objects.all()]
    stories = [reverse("admin:accounts_client_history", args=[typed.pk])]
    walk(page, ["/admin/", reverse("admin:reviews"), review, record, *lists, *policies, *stories])
