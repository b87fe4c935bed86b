"""Policies as tests need them, and what a browser sends for one."""

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.actions.changes import decide
from billing.actions import proposals
from billing.models import Coverage, CoverageChange
from tests.world import stored_file

TYPED = {
    "payor": "Aetna",
    "plan": "Open Choice PPO",
    "subscriber_id": "W123 456789",
    "group": "0815",
    "order": "1",
    "relationship": "self",
    "subscriber_name": "",
    "subscriber_birth_date": "",
    "valid_from": "2026-01-01",
    "valid_to": "",
}
SAID = {
    **TYPED,
    "order": 1,
    "subscriber_birth_date": None,
    "valid_from": date(2026, 1, 1),
    "valid_to": None,
}


def active(person, **fields):
    """A valid policy in the record."""
    known = {"status": "active", "order": 1, "payor": "Cigna", "subscriber_id": "U77", **fields}
    return Coverage.objects.create(client=person, **known)


def add(cast, by=None, person=None, **values):
    """What Alice says about a new one."""
    return proposals.add_coverage(person or cast.alice_client, {**SAID, **values}, by=by or cast.alice)


def waiting(coverage):
    return {change.field: change for change in CoverageChange.objects.filter(coverage=coverage, status="proposed")}


def decide_all(coverage, by, **apply):
    """Decide everything that waits; `payor=False` rejects it."""
    for name, change in waiting(coverage).items():
        taken = apply.get(name, True)
        decide(change, by=by, apply=taken, reason="" if taken else f"The {name} cannot be read.")
    return fresh(coverage)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def photo(name="front.png", colour="navy"):
    written = BytesIO()
    Image.new("RGB", (856, 540), colour).save(written, "PNG")
    return SimpleUploadedFile(name, written.getvalue(), content_type="image/png")


def every_state(cast):
    """Pages of Alice with a policy in each state, and with a value that waits or was not taken over."""
    card = stored_file(cast.alice_client, by=cast.alice, name="card.txt", area="profile")
    shown = active(cast.alice_client, plan="Gold", group="G-7", valid_from=date(2026, 1, 1), front=card)
    active(cast.alice_client, order=2, payor="Second", subscriber_id="S-2")
    active(cast.alice_client, status="cancelled", payor="Old", subscriber_id="O-3")
    proposals.change_coverage(shown, {"plan": "Platinum", "group": "G-8"}, by=cast.alice)
    decide(waiting(shown)["group"], by=cast.olga, apply=False, reason="The card says G-7.")
    decide_all(add(cast, subscriber_id="L-4"), cast.olga, subscriber_id=False)
    add(cast)
    return [shown.pk]


def listed(cast):
    every_state(cast)
    return []
