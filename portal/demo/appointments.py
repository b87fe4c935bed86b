"""Example appointments: each state, each kind of request, a series, a group, hours and time off."""

from dataclasses import dataclass, field
from datetime import time
from typing import Any

MAREN, NORA, THEO, INES = "Maren Okafor", "Nora Whitlock", "Theo Lindgren", "Inés Calloway"
HOME = {
    "name": "Larkspur Lane",
    "address": "14 Larkspur Lane\nPortland, ME 04101",
    "directions": "Ring at the blue door; first floor.",
}
ROOMS = ("Garden room", "Harbor room", "Studio")

POLICY: dict[str, Any] = {
    "text": "We keep your time free for you. Please tell us at least two days ahead when you cannot come, so that "
    "somebody who waits can have it.",
    "fee_hours": 48,
    "fee": 40,
}

TALK, VISIT, VIDEO, CALL, MOVE, GROUP = (
    "Talk",
    "Check-up",
    "Video talk",
    "Phone call",
    "Physical therapy",
    "Cooking group",
)
# name, minutes, how, price, by whom, words for clients
SERVICES = (
    (TALK, 50, "in_person", 140, (MAREN,), "Fifty minutes, face to face."),
    (VIDEO, 50, "video", 140, (MAREN, NORA, THEO), "The same from where you are."),
    (VISIT, 30, "in_person", 110, (NORA,), "Please bring your list of medicines."),
    (CALL, 15, "phone", None, (), "We call you at the number in your profile."),
    (MOVE, 45, "in_person", 120, (INES,), "Wear something in which you can move."),
    (GROUP, 90, "in_person", 45, (THEO,), "Up to eight people and one stove."),
)

# Monday is 0
EVERY_DAY = tuple((day, time(9), time(17)) for day in range(5))
HOURS: dict[str, tuple[tuple[int, time, time], ...]] = {
    MAREN: (*((day, time(8), time(12)) for day in range(5)), *((day, time(13), time(18)) for day in range(4))),
    NORA: tuple((day, time(8), time(14)) for day in range(4)),
    THEO: EVERY_DAY,
    INES: tuple((day, time(10), time(18)) for day in range(1, 5)),
}


@dataclass(frozen=True)
class Visit:
    """An appointment on a working day counted from today, by the practice's clock; `then` is what became of it."""

    clients: tuple[str, ...]
    provider: str
    service: str
    day: int
    at: time
    then: str = ""
    words: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


CLARA, FINN, POPPY, IRIS = "Clara Benning", "Finn Malloy", "Poppy Malloy", "Iris Fontaine"
AMARA, LEONIE = "Amara Nwosu", "Leonie Šimková"

AHEAD = (
    Visit((CLARA,), MAREN, TALK, 1, time(14)),
    Visit((CLARA,), MAREN, VIDEO, 6, time(9), "asked", "My shift changed that week."),
    Visit((CLARA,), MAREN, TALK, 9, time(10), "offered", "I could come in the morning."),
    Visit((CLARA,), NORA, VISIT, 4, time(8, 30), "called_off", "Nora is ill. We are sorry, and will call you."),
    Visit((CLARA,), THEO, CALL, 12, time(11), "moved", "Could we speak in the afternoon?"),
    Visit((FINN,), MAREN, TALK, 5, time(15), "declined", "Is there anything on a Saturday?"),
    Visit((POPPY,), MAREN, TALK, 7, time(15), "withdrawn", "She has a birthday party."),
    Visit((IRIS,), NORA, VISIT, 6, time(9), "superseded", "My partner cannot drive me that day."),
    Visit((IRIS,), NORA, VIDEO, 11, time(10), "asks_to_cancel", "I feel well again."),
    Visit((AMARA, LEONIE, CLARA), THEO, GROUP, 8, time(16), fields={"shows_names": True}),
    Visit((AMARA,), NORA, VISIT, 0, time(13)),
    Visit((LEONIE,), INES, MOVE, 1, time(12)),
)
PAST = (
    *(Visit((CLARA,), MAREN, TALK, -5 * weeks - 2, time(10), "completed") for weeks in range(1, 15)),
    Visit((CLARA,), NORA, VISIT, -9, time(9), "no_show"),
    Visit((CLARA,), THEO, CALL, -12, time(15), "cancelled", "I have a cold."),
    Visit((FINN,), MAREN, TALK, -4, time(15), "late_cancelled", "The bus did not come."),
    Visit((IRIS,), NORA, VISIT, -3, time(9), "unmarked"),
    Visit((POPPY,), MAREN, VIDEO, -6, time(16), "completed"),
)
# Every Thursday, seven times.
SERIES = Visit((FINN,), INES, MOVE, 2, time(10))
