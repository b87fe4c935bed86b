"""S6: with Bob in the house or without him, what others see is the same to the byte: no count, no id tells."""

from django.contrib import admin
from django.urls import reverse

from tests import factories
from tests import world as worlds
from tests.test_isolation import client_pages, fresh, scrub

# Pages that show a new secret or a challenge each time.
NEW_EACH_TIME = {
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_generate_recovery_codes",
    "accounts:session",
}


def alone(practice):
    """Alice and her dietitian, and nobody else but two who treat."""
    alice, person = factories.user("Alice Adams"), factories.client("Alice Adams")
    factories.access(alice, person)
    dana = factories.staff("Dana Diaz", "Clinician")
    provider = factories.provider(dana)
    others = [factories.provider(None, name=name) for name in ("Ines Ito", "Noor Nassar")]
    worlds.fill_client(person, by=dana, provider=provider)
    return alice, dana, others


def arrive(by, others):
    """Bob and his child move in."""
    for name, other in zip(("Bob Brown", "Timo Brown"), others, strict=True):
        person = factories.client(name, email=f"{name.split()[0].lower()}@example.com")
        worlds.fill_client(person, by=by, provider=other)
    bob = factories.user("Bob Brown")
    factories.access(bob, person)
    worlds.fill_login(bob)


def admin_lists():
    return [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]


def test_s6_with_and_without_bob_pages_are_the_same_to_the_byte(practice):
    alice, dana, others = alone(practice)
    views = [
        (fresh(alice), [name for name in client_pages() if name not in NEW_EACH_TIME]),
        (fresh(dana), ["admin:index", *admin_lists()]),
    ]
    for browser, names in views:  # the first visit of a page notes the use of the session
        browser.get(reverse(names[0]))
    before = [scrub(browser.get(reverse(name))) for browser, names in views for name in names]
    arrive(dana, others)
    after = [scrub(browser.get(reverse(name))) for browser, names in views for name in names]
    changed = [
        name
        for name, one, two in zip([name for _b, names in views for name in names], before, after, strict=True)
        if one != two
    ]
    assert not changed
