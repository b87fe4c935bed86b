"""Asks a child process what a file is (`child.py` says why), and makes sense of how that ends."""

import json
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from uploads.content.limits import Limits
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits()
# One arena and one thread: each further one takes address space for nothing.
ENVIRONMENT = {"PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"}
OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL}


class NotJudged(Exception):
    """The child did not get as far as the file: the installation is at fault, or the machine. Try again later."""


def judge(path: Path, name: str, *, preview_to: Path | None, limits: Limits = LIMITS) -> Verdict:
    """What the file is; a preview is written to `preview_to` where the verdict says so. Raises Refused; NotJudged
    or OSError where that says nothing about the file."""
    path.stat()  # a file that is gone is no broken one
    order = {
        "path": str(path.absolute()),
        "name": name,
        "preview_to": str(preview_to.absolute()) if preview_to else None,
        "limits": asdict(limits),
    }
    ending, said = _run(json.dumps(order), limits.wall)
    if "refused" in said:
        raise Refused(Refusal(said["refused"]))
    if "ready" not in said:
        raise NotJudged(f"The checking process ended with {ending} before it began.")
    if "verdict" in said and (ending == 0 or ending in OUT_OF_TIME):
        return replace(Verdict.from_json(said["verdict"]), preview=said.get("preview", False))
    raise Refused(Refusal.BOMB if ending in OUT_OF_TIME else Refusal.BROKEN)


def _run(order: str, seconds: float) -> tuple[int, dict[str, Any]]:
    """How the child ended, and all that it said. The name goes by a pipe: command lines are seen by everybody."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "uploads.content.child"],
            input=order.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=ENVIRONMENT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return -signal.SIGKILL, _answers(late.stdout)
    return done.returncode, _answers(done.stdout)


def _answers(output: bytes | None) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for line in (output or b"").splitlines(keepends=True):
        if line.endswith(b"\n"):
            answers |= json.loads(line)
    return answers
