"""What a stored value says about a person. Every field of every model about people is declared.

`personal` identifies somebody, `health` speaks of their care, `safe` does neither. Export, erasure,
logs and mails read these declarations; a test holds that none is missing.
"""

from enum import StrEnum


class Privacy(StrEnum):
    PERSONAL = "personal"
    HEALTH = "health"
    SAFE = "safe"


def declare(*, personal: str = "", health: str = "", safe: str = "") -> dict[str, Privacy]:
    """Field names, separated by blanks, by what they say about a person."""
    words = {Privacy.PERSONAL: personal, Privacy.HEALTH: health, Privacy.SAFE: safe}
    return {name: kind for kind, names in words.items() for name in names.split()}
