"""ClamAV's daemon, asked over its socket whether a file is clean."""

import socket as sockets
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from itertools import chain
from urllib.parse import urlsplit

SECONDS = 60.0
# clamd's usual port, where an address names none.
PORT = 3310
# What it "finds" in a file that was larger or deeper than it looks, where its settings let it say so.
NOT_ALL = "Heuristics.Limits.Exceeded"
# An answer is one short line; who sends more is not clamd.
LONGEST_ANSWER = 4096


class ScannerDown(Exception):
    """No verdict: the scanner is not there, is too slow, or did not scan it all. The file stays unreleased."""


def scan(chunks: Iterable[bytes], socket: str, *, seconds: float = SECONDS) -> str | None:
    """The name of what was found, None for clean. `socket` is a path, or tcp://host:port. Raises ScannerDown."""
    with _Talk(socket, seconds) as talk:
        answer = talk.ask(b"zINSTREAM\0", _framed(chunks))
    if answer == "stream: OK":
        return None
    found = answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer == f"stream: {found} FOUND" and not found.startswith(NOT_ALL):
        return found
    raise ScannerDown(answer or "The scanner ended the connection.")


def ping(socket: str, *, seconds: float = 5) -> None:
    """Raises ScannerDown unless the scanner answers."""
    with _Talk(socket, seconds) as talk:
        answer = talk.ask(b"zPING\0", ())
    if answer != "PONG":
        raise ScannerDown(answer or "The scanner ended the connection.")


def _framed(chunks: Iterable[bytes]) -> Iterable[bytes]:
    for chunk in chunks:
        # A length of nought would be the end.
        if chunk:
            yield len(chunk).to_bytes(4) + chunk
    yield bytes(4)


class _Talk(AbstractContextManager["_Talk"]):
    """One connection, with one deadline for all of it: a scanner that sends a byte a minute is down too."""

    def __init__(self, address: str, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        try:
            self.line = self._connect(address, seconds)
        except (OSError, ValueError) as error:
            raise ScannerDown(str(error)) from error

    def _connect(self, address: str, seconds: float) -> sockets.socket:
        if address.startswith("tcp://"):
            parts = urlsplit(address)
            return sockets.create_connection((parts.hostname or "", parts.port or PORT), seconds)
        line = sockets.socket(sockets.AF_UNIX)
        line.settimeout(seconds)
        try:
            line.connect(address.removeprefix("unix://"))
        except OSError:
            line.close()
            raise
        return line

    def ask(self, command: bytes, pieces: Iterable[bytes]) -> str:
        # It may hang up in the middle, and mostly says why: the file is larger than it takes.
        all(self._sent(piece) for piece in chain([command], pieces))
        try:
            return self._receive()
        except OSError as error:
            raise ScannerDown(str(error)) from error

    def _sent(self, piece: bytes) -> bool:
        try:
            self._hurry()
            self.line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return False
        except OSError as error:
            raise ScannerDown(str(error)) from error
        return True

    def _receive(self) -> str:
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            self._hurry()
            piece = self.line.recv(LONGEST_ANSWER)
            if not piece:
                break
            answer += piece
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")

    def _hurry(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The scanner did not answer in time.")
        self.line.settimeout(left)

    def __exit__(self, *_raised: object) -> None:
        self.line.close()
