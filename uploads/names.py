"""What a file is called on the page: as its sender called it, but never able to confuse the page or the reader."""

import unicodedata

from uploads.content.kinds import Kind

LONGEST = 255
UNNAMED = "file"
# Controls, directions, surrogates and what is no character at all could reorder or hide the rest of a name.
HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
# Joiners are how some scripts and emoji are written.
JOINERS = "\u200c\u200d"


def display_name(name: str, kind: Kind) -> str:
    """The last part of a path, in at most 255 characters, with an ending that its content has earned."""
    return kind.named(_shortened(safe_name(name)))


def safe_name(name: str) -> str:
    """The last part of a path, with a sign for each character that would hide."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char if _is_shown(char) else "\ufffd" for char in last).strip(" .") or UNNAMED


def _is_shown(char: str) -> bool:
    return char in JOINERS or unicodedata.category(char) not in HIDDEN


def _shortened(name: str) -> str:
    """Its beginning and its ending, where it is longer than we keep; six are left for an ending that is added."""
    most = LONGEST - 6
    if len(name) <= most:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[: most - 1] + "…"
    return f"{stem[: most - len(ending) - 2]}….{ending}"
