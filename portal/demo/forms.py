"""Example forms: one of each state, and measures over months."""

from dataclasses import dataclass, field
from typing import Any

Answers = dict[str, Any]

PHQ_9, GAD_7 = "phq-9", "gad-7"
PHQ_9_QUESTIONS = (
    "44250-9",
    "44255-8",
    "44259-0",
    "44254-1",
    "44251-7",
    "44258-2",
    "44252-5",
    "44253-3",
    "44260-8",
)
GAD_7_QUESTIONS = ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7")
EVERY_NEW_CLIENT = (("general-intake", 7), ("telehealth-consent", 7))


def measured(questions: tuple[str, ...], chosen: str, difficulty: str = "1") -> Answers:
    """Answers of a measure, each the place of the option, from first to last."""
    return {**dict(zip(questions, chosen, strict=True)), "69722-7": difficulty}


INTAKE: Answers = {
    "name": "Clara Benning",
    "called": "Clara",
    "birth-date": "1987-04-12",
    "phone": "+1 207 555 0118",
    "reach": "2",
    "by-other": "false",
    "emergency-name": "Martin Benning",
    "emergency-relationship": "Brother",
    "emergency-phone": "+1 207 555 0163",
    "concern": "I wake up at four and cannot fall asleep again. Since spring I have no strength in the afternoon.",
    "since": "2",
    "before": "false",
}
CONSENT: Answers = {
    "name": "Finn Malloy",
    "birth-date": "2014-09-03",
    "for-child": "true",
    "right": "0",
    "agree-care": "true",
    "agree-asked": "true",
    "agree-students": "false",
    "sign~name": "Grace Malloy",
}
INSURANCE: Answers = {
    "name": "Clara Benning",
    "birth-date": "1987-04-12",
    "insured": "true",
    "first-insurer": "Harbor Mutual",
    "first-member": "HM 4471 0093",
    "first-holder": "0",
    "second-insured": "false",
    "accident": "0",
    "agree-bill": "true",
    "agree-rest": "true",
    "sign~name": "Clara Benning",
}


@dataclass(frozen=True)
class Form:
    """An assigned form, brought to a state. Days count from today, those ago backwards."""

    client: str
    form: str
    state: str = "assigned"
    answers: Answers = field(default_factory=dict)
    due_in: int | None = None
    days_ago: int = 0
    comment: str = ""
    comments: dict[str, str] = field(default_factory=dict)


FORMS = (
    *(
        Form("Clara Benning", PHQ_9, "accepted", measured(PHQ_9_QUESTIONS, chosen), days_ago=days)
        for days, chosen in ((168, "332322110"), (140, "322222110"), (112, "222211100"), (70, "211211100"))
    ),
    Form("Clara Benning", PHQ_9, "submitted", measured(PHQ_9_QUESTIONS, "111110100"), days_ago=1),
    *(
        Form("Clara Benning", GAD_7, "accepted", measured(GAD_7_QUESTIONS, chosen), days_ago=days)
        for days, chosen in ((140, "3222211"), (70, "2111110"))
    ),
    Form(
        "Clara Benning",
        "insurance",
        "returned",
        INSURANCE,
        due_in=5,
        days_ago=2,
        comment="Thank you. One number does not match your card.",
        comments={"first-member": "On the card it ends with 0039. Which one is right?"},
    ),
    Form("Clara Benning", "general-intake", "in_progress", INTAKE, due_in=3, days_ago=4),
    Form("Clara Benning", "telehealth-consent", due_in=3, days_ago=4),
    Form("Finn Malloy", "treatment-consent", "accepted", CONSENT, days_ago=30),
    Form("Finn Malloy", "release-of-information", due_in=-2, days_ago=9),
    Form("Poppy Malloy", "telehealth-consent", due_in=6, days_ago=1),
    Form("Iris Fontaine", PHQ_9, "submitted", measured(PHQ_9_QUESTIONS, "332323211", "2")),
    Form("Iris Fontaine", GAD_7, due_in=2),
    Form("Amara Nwosu", "audit-c", "cancelled", days_ago=12),
)
