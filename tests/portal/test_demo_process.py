"""The demo as people meet it: one command in a checkout whose path has spaces, stopped and killed in every way."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from portal.embedded.server import Server
from tests.portal.conftest import free_port

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".uv", "var", "__pycache__", ".*_cache", "node_modules")
PATIENCE = 180  # seconds until it is ready, on a busy machine


class Demo:
    """One `manage.py demo` of a home."""

    def __init__(self, checkout, home, port=None, command=()):
        self.checkout, self.home, self.port = checkout, home, port or free_port()
        self.command = [*command] or [sys.executable, "manage.py", "demo"]

    def start(self):
        # Python's errors of encoding, and settings of whoever runs the tests, must not hide in the environment.
        known = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(self.home)}
        known |= {"PORT": str(self.port), "PORTAL_HOME": str(self.home)}
        self.process = subprocess.Popen(
            self.command,
            cwd=self.checkout,
            env=known,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def wait(self):
        """Until demo.json is there; the facts in it."""
        wait_for(lambda: self.facts_file.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.communicate()
        return json.loads(self.facts_file.read_text())

    @property
    def facts_file(self):
        return self.home / "demo.json"

    @property
    def server(self):
        return Server(self.home / "postgres")

    def everyone(self):
        """The ids of all its processes, the database's too."""
        return {*family(self.process.pid), *family(self.server.pid())}

    def stop(self, how=signal.SIGINT):
        """What it printed."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
        try:
            self.printed, self.complained = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        return self.printed


def wait_for(question, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not (answer := question()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def processes():
    """Id, parent and state of every process."""
    told = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    return [line.split() for line in told.splitlines()]


def family(pid):
    known = {str(pid)}
    for own, parent, _state in sorted(processes(), key=lambda row: int(row[0])):
        if parent in known:
            known.add(own)
    return known if pid else set()


def living(pids):
    return {own for own, _parent, state in processes() if own in pids and not state.startswith("Z")}


class Visitor:
    """A browser without JavaScript."""

    def __init__(self):
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, url):
        return self._open(url)

    def post(self, url, **fields):
        """Fill in the form of the page at `url`, and send it to where it says, or to `to`."""
        to = fields.pop("to", url)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(url).text)[1]
        return self._open(to, urlencode({"csrfmiddlewaretoken": token, **fields}).encode())

    def _open(self, url, body=None):
        answer = self.opener.open(url, body, timeout=PATIENCE)
        answer.text = answer.read().decode()
        return answer


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("a place") / "the portal's checkout", ignore=NOT_COPIED)


@pytest.fixture(scope="module")
def home(checkout):
    """The checkout's own home, made by a first start."""
    first = Demo(checkout, checkout / "var").start()
    try:
        first.wait()
    finally:
        first.stop()
    yield checkout / "var"
    place = (checkout / "var" / "postgres" / "server").resolve()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def begin(checkout, home):
    """`begin(…)` starts the demo; at the end nothing of it lives."""
    begun = []

    def start(port=None, **more):
        begun.append(Demo(checkout, home, port, **more).start())
        return begun[-1]

    yield start
    for each in begun:
        each.stop()


# -- starting --------------------------------------------------------------------------------------


def test_it_prints_and_writes_what_one_needs_and_all_of_it_works(begin):
    demo = begin()
    facts = demo.wait()
    for name in ("portal", "admin", "mail", "invitation"):
        assert Visitor().get(facts[name]).status == 200
    assert facts["portal"] == f"http://127.0.0.1:{demo.port}/"
    printed = demo.stop()
    assert all(facts[name] in printed for name in ("portal", "admin", "mail", "invitation"))
    assert all(f"{login['email']} " in printed for login in facts["logins"].values())
    assert demo.complained == ""


def test_everybody_signs_in_by_hand(begin):
    facts = begin().wait()
    for login in facts["logins"].values():
        visitor = Visitor()
        answer = visitor.post(f"{facts['portal']}account/login/", login=login["email"], password=login["password"])
        if secret := login.get("totp_secret"):
            code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
            answer = visitor.post(answer.url, code=code)
            assert visitor.get(facts["admin"]).url == facts["admin"]
        else:
            assert answer.url == facts["portal"]


def test_everybody_signs_in_by_one_press(begin):
    facts = begin().wait()
    for key, login in facts["logins"].items():
        answer = Visitor().post(facts["demo"], to=f"{facts['demo']}sign-in/", **{"as": key})
        assert answer.url == facts["admin" if "totp_secret" in login else "portal"]


def test_an_accepted_invitation_is_followed_by_another_at_the_next_start(begin):
    demo = begin()
    facts = demo.wait()
    answer = Visitor().post(facts["invitation"], password="four calm grey herons", agrees="on")
    assert answer.url == facts["portal"]
    demo.stop()

    again = begin().wait()
    assert again["invitation"].rsplit("/", 2)[-2] != facts["invitation"].rsplit("/", 2)[-2]
    assert "Sign up" in Visitor().get(again["invitation"]).text


def all_is_sent(facts):
    return "Waiting" not in Visitor().get(facts["mail"]).text


def test_mails_are_sent_by_the_worker_beside_the_pages(begin):
    facts = begin().wait()
    wait_for(lambda: all_is_sent(facts))
    Visitor().post(f"{facts['portal']}account/login/code/", email="clara@example.com")
    wait_for(lambda: "Your code to sign in" in Visitor().get(facts["mail"]).text)
    wait_for(lambda: all_is_sent(facts))


# -- stopping --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_a_signal_stops_all_of_it(begin, how):
    demo = begin()
    demo.wait()
    everyone = demo.everyone()
    assert len(everyone) > 3
    demo.stop(how)
    assert demo.process.returncode == 0
    assert not living(everyone) and not demo.facts_file.exists()
    assert demo.complained == ""


def test_ctrl_c_stops_what_make_started(begin):
    demo = begin(command=["make", "--old-file=setup", f"PYTHON={sys.executable}", "demo"])
    demo.wait()
    everyone = demo.everyone()
    demo.stop()
    assert not living(everyone)


def test_an_impatient_second_ctrl_c_leaves_nothing_behind(begin):
    demo = begin()
    demo.wait()
    everyone = demo.everyone()
    os.killpg(demo.process.pid, signal.SIGINT)
    wait_for(lambda: not port_answers(demo.port))
    demo.stop()
    assert not living(everyone)


def port_answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_signal_before_it_is_ready_stops_all_of_it_too(begin):
    demo = begin()
    pid = wait_for(demo.server.pid)
    demo.stop(signal.SIGTERM)
    assert not living({*family(pid), str(pid)})
    assert "Traceback" not in demo.complained


def test_after_a_kill_it_starts_and_stops_whole(begin):
    killed = begin()
    killed.wait()
    everyone = killed.everyone()
    killed.stop(signal.SIGKILL)
    assert killed.facts_file.exists()

    demo = begin()
    wait_for(lambda: not killed.facts_file.exists() or str(demo.port) in killed.facts_file.read_text())
    facts = demo.wait()
    assert str(demo.port) in facts["portal"]
    everyone |= demo.everyone()
    demo.stop()
    assert not living(everyone)


# -- twice -----------------------------------------------------------------------------------------


def test_the_same_port_twice_is_a_sentence_and_disturbs_nobody(begin):
    first = begin()
    facts = first.wait()
    second = begin(port=first.port)
    assert second.process.wait(PATIENCE) == 1
    second.stop()
    said = f"CommandError: Port {first.port} is in use by another program. Stop it, or choose another: "
    assert second.complained == f"{said}make demo PORT={first.port + 1}\n"
    assert json.loads(first.facts_file.read_text()) == facts
    assert Visitor().get(facts["portal"]).status == 200


def written(file):
    """What stands in a file that the other one may be replacing just now."""
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def test_another_port_of_the_same_home_works_beside(begin):
    first = begin()
    facts = first.wait()
    second = begin()
    wait_for(lambda: str(second.port) in written(first.facts_file))
    beside = second.wait()
    assert Visitor().get(beside["portal"]).status == Visitor().get(facts["portal"]).status == 200
    second.stop()
    assert Visitor().get(facts["portal"]).status == 200
    everyone = first.everyone()
    first.stop()
    assert not living(everyone)


# -- the database goes away ------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["restart", "stop"])
def test_the_database_goes_away_and_the_next_request_works(begin, what):
    demo = begin()
    facts = demo.wait()
    visitor = Visitor()
    assert visitor.post(facts["demo"], to=f"{facts['demo']}sign-in/", **{"as": "client"}).url == facts["portal"]

    wait_for(lambda: all_is_sent(facts))  # a job under way would wait for a minute
    getattr(demo.server, what)("immediate")

    assert "Clara" in visitor.get(facts["portal"]).text
    Visitor().post(f"{facts['portal']}account/login/code/", email="grace@example.com")
    wait_for(lambda: all_is_sent(facts))
    demo.stop()
    assert demo.process.returncode == 0
