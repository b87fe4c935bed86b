"""What a check answers: how it is, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    OK = "ok"
    WARNING = "warning"  # works, but somebody should know
    PROBLEM = "problem"  # does not work


@dataclass(frozen=True)
class Finding:
    """One answer. `advice` says what to do; it is empty when all is well."""

    tone: Tone
    words: str
    advice: str = ""


Check = Callable[[], Finding]


def ok(words: str) -> Finding:
    return Finding(Tone.OK, words)


def warning(words: str, advice: str) -> Finding:
    return Finding(Tone.WARNING, words, advice)


def problem(words: str, advice: str) -> Finding:
    return Finding(Tone.PROBLEM, words, advice)
