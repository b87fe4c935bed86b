"""What guards the tests themselves."""

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.no_network import NetworkForbiddenError

CHECKOUT = Path(__file__).resolve().parents[2]

LAZY = """
import pytest

@pytest.mark.skip(reason="lazy")
def test_marked(): pass

def test_half_way(): pytest.skip("lazy")

@pytest.fixture
def missing(): pytest.skip("lazy")

def test_missing(missing): pass

@pytest.mark.xfail(reason="known")
def test_known(): assert False
"""


def test_a_test_reaches_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize("away", [("192.0.2.1", 80), ("portal.invalid", 80)], ids=["by number", "by name"])
def test_a_test_reaches_no_other_machine(away):
    with pytest.raises(NetworkForbiddenError):
        socket.create_connection(away)


def test_a_test_opens_no_page_of_another_machine():
    with pytest.raises(NetworkForbiddenError):
        urllib.request.urlopen("http://portal.invalid/")


@pytest.mark.parametrize(("ci", "verdict"), [("true", "1 failed, 1 xfailed, 2 errors"), ("", "3 skipped, 1 xfailed")])
def test_a_skipped_test_fails_in_ci(tmp_path, ci, verdict):
    (tmp_path / "test_lazy.py").write_text(LAZY)

    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:django",
            "-p",
            "no:cacheprovider",
            "-p",
            "tests.no_skips",
            tmp_path,
        ],
        cwd=CHECKOUT,
        env={**os.environ, "CI": ci, "PYTEST_ADDOPTS": f"-c {os.devnull} --rootdir=."},
        capture_output=True,
        text=True,
    ).stdout

    assert verdict in told.splitlines()[-1], told
