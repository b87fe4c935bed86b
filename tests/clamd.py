"""A real clamd on a socket of its own, that knows one virus: the test file of all scanners."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from uploads import clamd

# In two parts, or a scanner of this machine would take the source away.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
FOUND = "Portal.Test.Eicar.UNOFFICIAL"
SIGNATURE = f"Portal.Test.Eicar:0:*:{EICAR.hex()}\n"
# Where packages put the daemon, and an ordinary user's PATH does not lead.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"])
LARGEST = 1024 * 1024
SETTINGS = """
DatabaseDirectory {folder}
LocalSocket {folder}/socket
Foreground yes
StreamMaxLength {largest}
AlertExceedsMax yes
MaxRecursion 3
"""


class Scanner:
    """The daemon's `socket`, and what can befall it."""

    def __init__(self, folder, program):
        self.socket = str(folder / "socket")
        self.log = folder / "log"
        (folder / "own.ndb").write_text(SIGNATURE)
        (folder / "clamd.conf").write_text(SETTINGS.format(folder=folder, largest=LARGEST))
        with self.log.open("wb") as log:
            command = [program, "--config-file", folder / "clamd.conf"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def wait_until_it_answers(self):
        while self.process.poll() is None:
            try:
                return clamd.ping(self.socket)
            except clamd.ScannerDown:
                continue
        raise RuntimeError(f"clamd did not start: {self.log.read_text()}")

    @contextmanager
    def asleep(self):
        """It takes connections, and answers nobody."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self):
        self.process.kill()
        self.process.wait()
        Path(self.socket).unlink(missing_ok=True)


@contextmanager
def running():
    program = shutil.which("clamd", path=PLACES)
    if program is None:
        pytest.skip("clamd is not installed: bin/test-needs installs it where it can")
    # A short path: a socket's has at most a hundred letters.
    with tempfile.TemporaryDirectory(prefix="clamd-", dir="/tmp") as folder:
        scanner = Scanner(Path(folder), program)
        try:
            scanner.wait_until_it_answers()
            yield scanner
        finally:
            scanner.stop()
