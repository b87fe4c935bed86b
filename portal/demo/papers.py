"""Example files, requests, proposals and insurances: one of each state, as people would meet them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Template:
    """One file of a pack that the practice asks for."""

    pack: str
    title: str
    instructions: str = ""
    due_days: int | None = None


TEMPLATES = (
    Template(
        "New client pack", "Photo of your insurance card", "Both sides, please. A photo with your phone is fine.", 7
    ),
    Template("New client pack", "Referral", "If a doctor sent you to us: the letter, as PDF or photo.", 14),
    Template("New client pack", "List of your medicines", "Name and dose of each; a photo of the packages will do."),
    Template("Before the first nutrition visit", "Food diary", "What you ate on three ordinary days.", 5),
)


@dataclass(frozen=True)
class Asked:
    """A request, brought to a state. `due_in` counts days from today; `file` is an example that was sent for it."""

    client: str
    title: str
    instructions: str = ""
    due_in: int | None = None
    state: str = "asked"
    file: str = ""
    name: str = ""
    reason: str = ""


ASKED = (
    Asked("Clara Benning", "List of your medicines", "Name and dose of each; a photo of the packages will do.", 4),
    Asked(
        "Clara Benning",
        "Photo of your insurance card",
        "Both sides, please. A photo with your phone is fine.",
        2,
        "send_again",
        "insurance-card-front.jpg",
        "IMG_2041.jpg",
        "Thank you. The back is missing: we need the phone number that stands there.",
    ),
    Asked("Clara Benning", "Referral", "", None, "accepted", "referral.pdf", "Referral Dr. Hale.pdf"),
    Asked("Clara Benning", "Food diary", "What you ate on three ordinary days.", None, "received", "lunch.jpg"),
    Asked("Finn Malloy", "School report", "The last one is enough.", -3),
    Asked("Poppy Malloy", "Vaccination record", "The page with the last two years.", 9),
    Asked("Iris Fontaine", "X-ray of the knee", "", None, "cancelled"),
)


@dataclass(frozen=True)
class Sent:
    """A file beside any request: from the client's login, or put there by the practice."""

    client: str
    file: str
    name: str
    note: str = ""
    by_practice: bool = False
    shared: bool = False


SENT = (
    Sent("Clara Benning", "insurance-card-back.jpg", "card back.jpg"),
    Sent("Clara Benning", "blood-test-locked.pdf", "Blood test March.pdf"),
    Sent("Clara Benning", "plan.pdf", "Plan for four weeks.pdf", "What we agreed on Tuesday.", True, True),
    Sent("Clara Benning", "notes.pdf", "Notes for the team.pdf", "", True),
    Sent("Finn Malloy", "plan.pdf", "Plan for Finn.pdf", "For the fridge door.", True, True),
)

# What Clara typed into her profile and nobody has looked at; what was not taken over, and why.
PROPOSED: dict[str, Any] = {"phone": "+1 207 555 0126", "address": "8 Harbor View Road\nSouth Portland, ME 04106"}
REJECTED = ("birth_date", "1987-12-04", "Your passport says April 12, 1987. Please bring it along if that is wrong.")
RECORD: dict[str, Any] = {
    "pronouns": "she/her",
    "address": "31 Munjoy Street\nPortland, ME 04101",
    "emergency_name": "Tomas Benning",
    "emergency_phone": "+1 207 555 0119",
    "emergency_relationship": "Brother",
}

COVERAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Clara Benning",
        {
            "order": 1,
            "payor": "Harbor Mutual Health",
            "plan": "Silver Open Access",
            "subscriber_id": "HMH 4471 90 21",
            "group": "LARK-204",
            "valid_from": date(2025, 1, 1),
            "pictures": {"front": "insurance-card-front.jpg", "back": "insurance-card-back.jpg"},
        },
    ),
    (
        "Clara Benning",
        {
            "order": 2,
            "payor": "Casco Bay Cooperative",
            "plan": "Basic",
            "subscriber_id": "CB-209 114",
            "valid_from": date(2021, 3, 1),
            "valid_to": date(2024, 12, 31),
        },
    ),
    (
        "Finn Malloy",
        {
            "order": 1,
            "payor": "Pine State Family Plan",
            "subscriber_id": "PS 88 1207 3",
            "relationship": "child",
            "subscriber_name": "Grace Malloy",
            "subscriber_birth_date": date(1984, 2, 9),
        },
    ),
)
NEW_COVERAGE: dict[str, Any] = {
    "payor": "Seaside Senior Care",
    "plan": "Plus",
    "subscriber_id": "SSC 1952-771",
    "order": 1,
    "valid_from": date(2026, 1, 1),
}
