"""The program that `judge` runs: one file, one verdict, a line of JSON for each step.

A file on standard input says which. The parsers are other people's C, and the file is a stranger's: what goes wrong in
there must end this process and not the one that serves pages, can read every client's file and holds the keys. So it
knows no Django, no settings and no secret of the environment, has bounds of memory, time and disk, and is believed
nothing but a verdict.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from uploads.content.inspect import inspect
from uploads.content.limits import Limits
from uploads.content.preview import preview
from uploads.content.refusal import Refused
from uploads.content.verdict import Verdict


def main() -> None:
    order = json.load(sys.stdin)
    Limits(**order["limits"]).hold()
    # Whatever a parser prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**answer: Any) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    say(ready=True)
    path = Path(order["path"])
    try:
        verdict = inspect(path, order["name"])
    except Refused as refused:
        say(refused=refused.reason)
        return
    say(verdict=verdict.as_json())
    if order["preview_to"]:
        say(preview=_write_preview(path, verdict, Path(order["preview_to"])))


def _write_preview(path: Path, verdict: Verdict, target: Path) -> bool:
    """A file that was read to its end and cannot be drawn, or a full disk: the file is kept, without a preview."""
    try:
        drawn = preview(path, verdict.kind)
        if drawn:
            target.write_bytes(drawn)
    except (Refused, OSError):
        return False
    return bool(drawn)


if __name__ == "__main__":
    main()
