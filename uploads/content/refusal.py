"""Why a file is refused. The sentences stand in `uploads/refusals.py`."""

from enum import StrEnum


class Refusal(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TYPE = "type"
    HTML = "html"
    SVG = "svg"
    EXECUTABLE = "executable"
    ARCHIVE = "archive"
    BROKEN = "broken"
    BOMB = "bomb"
    ENCRYPTED = "encrypted"
    ACTIVE = "active"
    MACROS = "macros"
    POLYGLOT = "polyglot"
    INFECTED = "infected"


class Refused(Exception):
    """Carries the one reason for which a file is refused."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason
