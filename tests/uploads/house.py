"""One Daphne process of a deployment, with Alice signed in: what happens to bytes, to memory and to a full disk."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from portal.embedded.base import server
from tests.portal.conftest import free_port
from tests.portal.stack import HOST, PATIENCE, ROOT, Stack

MIB = 1024 * 1024
LINUX = sys.platform == "linux"
BOUNDARY = "----what-stands-between"
# Alice and her session, made by the portal's own code in the process's own database.
FILL = """
from django.conf import settings
from django.test import Client
from tests import factories
factories.documents()
factories.practice()
login, client = factories.user("Alice Adams"), factories.client("Alice Adams")
factories.access(login, client)
browser = Client()
browser.force_login(login)
print(browser.cookies[settings.SESSION_COOKIE_NAME].value)
"""


class House(Stack):
    """`more` are settings. Its pages come from Daphne, or from gunicorn."""

    def __init__(self, home, **more):
        super().__init__(home)
        self.within, self.more = (), {"STATIC_ROOT": str(home / "static"), **more}
        # Production speaks TLS only, also to a bucket; one on loopback needs a house that does not mind.
        self.in_production = "S3_BUCKET" not in more

    def environment(self, **more):
        kind = {} if self.in_production else {"PORTAL_ENV": "test"}
        return super().environment(**{**kind, **self.more, **more})

    def start(self):
        server().ensure()
        self._administer("create database {}")
        self._succeed("migrate", "--no-input")
        if self.in_production:
            self._succeed("collectstatic", "--no-input")
        self.session = self.shell(FILL).split()[-1]
        self.start_pages()

    @property
    def prefix(self):
        """Of the names of cookies."""
        return "__Host-" if self.in_production else ""

    def shell(self, code):
        """What a piece of code of the portal prints."""
        return self._succeed("shell", "--verbosity", "0", "-c", code)

    def _succeed(self, *command):
        done = self.run(sys.executable, "manage.py", *command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_pages(self, server="daphne"):
        port = self.ports["sockets"] = str(free_port())
        daphne = ["daphne", "--verbosity", "0", "--bind", "127.0.0.1", "--port", port, "portal.asgi:application"]
        gunicorn = ["gunicorn", "--config", "deploy/gunicorn.py", "portal.wsgi"]
        command = {"daphne": daphne, "gunicorn": gunicorn}[server]
        self._run_beside([*self.within, *command], "sockets", PORT=port, WEB_CONCURRENCY="1")
        self._wait("sockets")

    def start_worker(self):
        self._run_beside([sys.executable, "manage.py", "procrastinate", "worker"], "worker")

    def work(self):
        """Do every job that waits."""
        self._succeed("procrastinate", "worker", "--one-shot")

    def _run_beside(self, command, name, **more):
        with (self.home / f"{name}.log").open("a") as log:
            environment = self.environment(**more)
            self.processes[name] = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def on_a_disk_of_its_own(self, server, size, *, writable=True):
        """Start the pages anew with PORTAL_HOME on a small disk in memory, which only they see."""
        if not LINUX:
            pytest.skip("a small disk that nobody else sees takes Linux")
        disk = self.home / "disk"
        disk.mkdir(exist_ok=True)
        self.more["PORTAL_HOME"] = str(disk)
        # Root may mount; others in a namespace where they are root.
        apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
        mount = 'mount -t tmpfs -o size=$1 tmpfs "$0" && mkdir "$0/incoming" "$0/media"'
        lock = "" if writable else ' && mount -o remount,ro "$0"'
        self.within = [*apart, "sh", "-c", f'{mount}{lock} && shift && exec "$@"', str(disk), str(size)]
        self.end_pages()
        self.start_pages(server)

    def end_pages(self):
        process = self.processes.pop("sockets")
        process.terminate()
        process.wait(PATIENCE)

    def room(self):
        """Bytes that are free on the disk of the pages."""
        told = os.statvfs(self.place("."))
        return told.f_bavail * told.f_frsize

    def kill(self, name):
        """As the kernel does it when memory runs out."""
        os.kill(self.pid(name), signal.SIGKILL)
        self.processes.pop(name).wait(PATIENCE)

    def pid(self, name="sockets"):
        return self.processes[name].pid

    # -- memory -----------------------------------------------------------------------------------

    def memory(self):
        """Bytes in memory now."""
        if LINUX:
            return self._status("VmRSS")
        told = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid())], capture_output=True, text=True, check=True)
        return int(told.stdout) * 1024

    def most_memory(self):
        """The most since `forget_peak`; elsewhere than on Linux only what it is now, which is less, but no nothing."""
        return self._status("VmHWM") if LINUX else self.memory()

    def forget_peak(self):
        if LINUX:
            Path(f"/proc/{self.pid()}/clear_refs").write_text("5")

    def _status(self, line):
        told = Path(f"/proc/{self.pid()}/status").read_text()
        return int(re.search(rf"{line}:\s+(\d+) kB", told)[1]) * 1024

    # -- the visitor ------------------------------------------------------------------------------

    def ask(self, path, *, method="GET", signed_in=True, headers=None):
        """The answer and its body; read in pieces, so that this process holds none of it."""
        connection = self.connect()
        connection.request(method, path, headers={**self.headers(signed_in), **(headers or {})})
        return self._answer(connection)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", int(self.ports["sockets"]), timeout=PATIENCE)

    def headers(self, signed_in=True):
        known = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        return {**known, "Cookie": f"{self.prefix}session={self.session}"} if signed_in else known

    def _answer(self, connection):
        answer = connection.getresponse()
        answer.length_read, answer.body = 0, b""
        while piece := answer.read(MIB):
            answer.length_read += len(piece)
            answer.body = (answer.body + piece)[:MIB]
        connection.close()
        return answer

    def send(self, sizes, *, path="/uploads/send/", signed_in=True, headers=None, pause_after=None):
        """Send files of so many bytes by the page's form, each of other content. `pause_after` so many bytes the
        connection is handed back open."""
        token, cookie = self.token() if signed_in else ("", "")
        head = _field("csrfmiddlewaretoken", token)
        parts = [(_file_head(f"file {number}.txt"), size) for number, size in enumerate(sizes)]
        tail = f"--{BOUNDARY}--\r\n".encode()
        whole = len(head) + sum(len(start) + size + 2 for start, size in parts) + len(tail)
        known = {
            **self.headers(signed_in),
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(whole),
            "Referer": f"https://{HOST}/uploads/",
            "Accept": "application/json",
            **(headers or {}),
        }
        known["Cookie"] = "; ".join(filter(None, [known.get("Cookie", ""), cookie]))
        connection = self.connect()
        connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
        for name, value in known.items():
            connection.putheader(name, value)
        connection.endheaders(head)
        sent = 0
        for start, size in parts:
            connection.send(start)
            for piece in text(size):
                connection.send(piece)
                sent += len(piece)
                if pause_after and sent >= pause_after:
                    return connection
            connection.send(b"\r\n")
        connection.send(tail)
        return self._answer(connection)

    def token(self):
        page = self.ask("/account/security/")
        assert page.status == 200, page.body[:2000]
        token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)[1].decode()
        [cookie] = [line.split(";")[0] for line in page.headers.get_all("Set-Cookie") if "csrf" in line]
        return token, cookie

    # -- what is left -----------------------------------------------------------------------------

    def rows(self, statement, *values):
        with psycopg.connect(self.database_url(), autocommit=True) as connection:
            done = connection.execute(statement, values)
            return done.fetchall() if done.description else []

    def release(self):
        """As a check that found nothing does it."""
        self.rows("update uploads_upload set status = 'available' where status = 'scanning'")
        return [str(pk) for (pk,) in self.rows("select id from uploads_upload where status = 'available'")]

    def files(self, folder="media"):
        return sorted(path for path in self.place(folder).rglob("*") if path.is_file())

    def place(self, folder):
        """As the pages see it."""
        if not self.within:
            return self.home / folder
        return Path(f"/proc/{self.pid()}/root{self.more['PORTAL_HOME']}") / folder


def _field(name, value):
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def _file_head(name):
    words = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: text/plain'
    return f"--{BOUNDARY}\r\n{words}\r\n\r\n".encode()


def text(size):
    """So many bytes of plain text, of which no two calls give the same."""
    line = f"{time.monotonic_ns():026d} was measured here.\n".encode()
    piece = line * (64 * 1024 // len(line))
    while size > 0:
        yield piece[:size]
        size -= len(piece)
