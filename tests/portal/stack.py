"""A deployment on this machine: the commands of compose.yaml, production settings, a database of its own."""

import http.client
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import yaml
from psycopg import sql

from portal.embedded.base import server
from tests.portal.conftest import free_port

ROOT = Path(__file__).parents[2]
HOST = "portal.example.com"
PATIENCE = 60  # seconds until a process answers, on a busy machine
NOBODYS_PORT = "8000"  # what the commands of compose.yaml say


def composed():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def settings_of_production():
    lines = (ROOT / "tests" / "production.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Stack:
    """Pages, sockets and worker, each in a process."""

    def __init__(self, home):
        self.home = home
        self.name = f"portal_stack_{secrets.token_hex(4)}"
        self.processes = {}
        self.ports = {}

    # -- database ---------------------------------------------------------------------------------

    def _administer(self, statement):
        known = server().connection()
        where = {
            "host": known["HOST"],
            "port": known["PORT"],
            "user": known["USER"],
            "password": known["PASSWORD"],
        }
        with psycopg.connect(**where, dbname=known["NAME"], autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))

    def database_url(self):
        known = server().connection()
        where = urlencode({"host": known["HOST"], "port": known["PORT"]})
        return f"postgres://{known['USER']}:{known['PASSWORD']}@/{self.name}?{where}"

    # -- processes --------------------------------------------------------------------------------

    def environment(self, **more):
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        own = {
            "PATH": path,
            "PORTAL_HOME": str(self.home),
            "STATIC_ROOT": str(self.home / "static"),
            "HOME": str(self.home),
        }
        return {
            **settings_of_production(),
            **own,
            "REDIS_URL": "",
            "DATABASE_URL": self.database_url(),
            **more,
        }

    def run(self, *command, **more):
        """A command of the image, to its end."""
        return subprocess.run(command, cwd=ROOT, env=self.environment(**more), capture_output=True, text=True)

    def start(self):
        server().ensure()
        self._administer("create database {}")
        for command in (
            composed()["services"]["migrate"]["command"],
            ["python", "manage.py", "collectstatic", "--no-input"],
        ):
            done = self.run(*command)
            assert done.returncode == 0, done.stderr
        for service in ("pages", "sockets", "worker"):
            self._start(service)
        for service in ("pages", "sockets"):
            self._wait(service)

    def _start(self, service):
        port = self.ports[service] = str(free_port())
        command = [port if word == NOBODYS_PORT else word for word in composed()["services"][service]["command"]]
        with (self.home / f"{service}.log").open("w") as log:
            environment = self.environment(PORT=port, WEB_CONCURRENCY="1")
            self.processes[service] = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def _wait(self, service):
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self.processes[service].poll() is None, self.log(service)
            try:
                if self.get("/health/ready/", service=service).status == 200:
                    return
            except OSError:
                assert time.monotonic() < deadline, self.log(service)
                time.sleep(0.1)

    def log(self, service):
        return (self.home / f"{service}.log").read_text()

    def stop(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(PATIENCE)
        self._administer("drop database if exists {} with (force)")

    # -- visitors ---------------------------------------------------------------------------------

    def get(self, path, *, service="pages", method="GET", body=None, tls=True, headers=None):
        """As the door hands it on."""
        known = {
            "Host": HOST,
            "X-Forwarded-Proto": "https" if tls else "http",
            "X-Forwarded-For": "203.0.113.9",
        }
        known |= headers or {}
        connection = http.client.HTTPConnection("127.0.0.1", int(self.ports[service]), timeout=PATIENCE)
        connection.request(method, path, body=body, headers=known)
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer
