"""The embedded Postgres survives what machines and people do to it. Real servers in homes of their own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from portal.embedded.account import Account, private_directory
from portal.embedded.programs import MAJOR, EmbeddedPostgresError, copied, installed
from portal.embedded.server import Server

CHECKOUT = Path(__file__).resolve().parents[2]

HOLDER = """
import sys
from pathlib import Path
from portal.embedded.server import server_at
server = server_at(Path(sys.argv[1]), durable=False)
server.ensure()
print(server.pid(), flush=True)
sys.stdin.read()
"""

FORKER = """
import os, sys
from pathlib import Path
from portal.embedded.server import server_at
server = server_at(Path(sys.argv[1]), durable=False)
server.ensure()
before = server.pid()
child = os.fork()
if child == 0:
    sys.exit()  # runs what stands in atexit
os.waitpid(child, 0)
print(before == server.pid(), flush=True)
"""

DJANGO = """
import sys
from pathlib import Path
from django.conf import settings
from portal import pool
settings.configure(
    PORTAL_ENV="test",
    EMBEDDED_POSTGRES_HOME=Path(sys.argv[1]),
    DATABASES={"default": {
        "ENGINE": "portal.embedded", "NAME": "portal", "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 4, "timeout": 4, "check": pool.check}} if sys.argv[2:] else {},
    }},
)
from django.db import connection
from portal.embedded.base import server

def ask():
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('fsync'), current_database()")
        print(*cursor.fetchone(), flush=True)
    connection.close()

ask()
if connection.pool:
    connection.pool.wait()  # for all four, which the restart then breaks
server().restart("immediate")
ask()
server().stop()
ask()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home that has been lived in: making a data directory is what takes long."""
    place = tmp_path_factory.mktemp("portal") / "postgres"
    yield place
    remove(place)


@pytest.fixture
def new_home(tmp_path):
    yield tmp_path / "postgres"
    remove(tmp_path / "postgres")


@pytest.fixture
def new_server():
    """Makes servers, and leaves no process behind."""
    made = []

    def make(home):
        made.append(Server(home, durable=False))
        return made[-1]

    yield make
    for server in made:
        server.leave()


def remove(home):
    """Its data may stand elsewhere: pytest's directories are closed to the account that root lends."""
    shutil.rmtree((home / "server").resolve(), ignore_errors=True)


@contextmanager
def holder(home):
    """Another process that uses the server of `home`; gives the postmaster it met."""
    process = python(HOLDER, home)
    process.postmaster = int(process.stdout.readline())
    try:
        yield process
    finally:
        process.communicate()


def python(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def connect(server, **changes):
    server.ensure()
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    wanted = {names[name]: value for name, value in server.connection().items()} | changes
    return psycopg.connect(**wanted, autocommit=True)


def ask(server, sql):
    with connect(server) as connection:
        return connection.execute(sql).fetchone()[0]


def wait_for_the_end_of(connection):
    """A signal takes effect a moment after it was sent; the kernel then ends the connection."""
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select pg_sleep(60)")


def open_to_all(directory):
    """Root's tests lend the server an account that may not enter pytest's directories otherwise."""
    for each in (directory, *directory.parents):
        if not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o011)


def wait_until(happened):
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def remember(server, word):
    with connect(server) as connection:
        connection.execute("drop table if exists memory")
        connection.execute("create table memory (word text)")
        connection.execute("insert into memory values (%s)", [word])


def test_the_second_start_finds_what_the_first_wrote(home, new_server):
    first = new_server(home)
    remember(first, "kept")
    first.leave()
    assert first.pid() is None

    assert ask(new_server(home), "select word from memory") == "kept"


def test_it_listens_on_no_port_and_keeps_its_socket_to_itself(home, new_server):
    server = new_server(home)

    assert ask(server, "show listen_addresses") == ""
    assert Path(server.connection()["HOST"]).stat().st_mode & 0o777 == 0o700


def test_it_asks_for_the_password(home, new_server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(new_server(home), password="guessed")


def test_it_does_not_run_as_root(home, new_server):
    server = new_server(home)
    server.ensure()

    assert server.cluster.data.stat().st_uid != 0
    assert ask(server, "select current_setting('is_superuser')") == "on"


def test_other_tools_are_told_how_to_connect(home, new_server):
    server = new_server(home)
    remember(server, "dumped")

    done = subprocess.run(
        [server.program("pg_dump"), "--table=memory"],
        env=server.environment(),
        capture_output=True,
        text=True,
    )

    assert "dumped" in done.stdout, done.stderr


def test_the_last_one_out_stops_it(home, new_server):
    with holder(home) as first:
        with holder(home) as second:
            assert first.postmaster == second.postmaster
        assert new_server(home).pid() == first.postmaster
    assert new_server(home).pid() is None


def test_processes_that_start_at_once_make_one_and_share_it(new_home, new_server):
    started = [python(HOLDER, new_home) for _ in range(3)]
    postmasters = {process.stdout.readline() for process in started}
    for process in started:
        process.communicate()

    assert len(postmasters) == 1
    assert new_server(new_home).pid() is None


def test_a_killed_postmaster_is_replaced_at_the_next_connection(home, new_server):
    server = new_server(home)
    remember(server, "committed")
    killed = server.pid()
    with connect(server) as connection:
        os.kill(killed, signal.SIGKILL)
        wait_for_the_end_of(connection)

        assert ask(server, "select word from memory") == "committed"
    assert server.pid() != killed


def test_after_a_killed_holder_the_next_one_takes_over_and_stops_it(home, new_server):
    with holder(home) as killed:
        killed.kill()
    server = new_server(home)
    server.ensure()
    assert server.pid() == killed.postmaster

    server.leave()
    assert server.pid() is None


@pytest.mark.parametrize(
    "stale",
    [f"{os.getpid()}\n/nowhere\n", "999999999\n", "", "\0\0\0\0"],
    ids=["of another process", "of no process", "empty", "nulls"],
)
def test_a_stale_pid_file_is_not_believed(home, new_server, stale):
    """As root, Postgres itself would see through the first one; as a user it would refuse to start."""
    first = new_server(home)
    first.ensure()
    first.leave()
    (first.cluster.data / "postmaster.pid").write_text(stale)

    assert ask(new_server(home), "select 1") == 1


def test_a_stale_pid_that_lives_again_under_the_servers_account_is_not_believed(home, new_server):
    first = new_server(home)
    first.ensure()
    account = first.cluster.account
    first.leave()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd="/", **account.keywords()) as somebody:
        (first.cluster.data / "postmaster.pid").write_text(f"{somebody.pid}\n/nowhere\n")
        assert ask(new_server(home), "select 1") == 1
        somebody.stdin.close()


def test_a_kill_while_the_data_directory_is_made_leaves_nothing_that_looks_finished(new_home, new_server):
    with python(HOLDER, new_home) as making:
        wait_until(lambda: list(new_home.glob("server/*/PG_VERSION")))
        making.kill()

    assert ask(new_server(new_home), "select current_user") == "portal"


@pytest.mark.parametrize("name", ["with spaces", 'it\'s, "odd" $HOME', "long" * 40], ids=["spaces", "odd", "long"])
def test_it_lives_in_any_path(tmp_path, new_server, name):
    open_to_all(tmp_path)
    server = new_server(tmp_path / name)
    remember(server, "here")
    server.restart()

    assert ask(server, "select word from memory") == "here"
    assert server.cluster.place == tmp_path / name / "server"
    server.leave()
    elsewhere = {server.cluster.socket_directory} - {server.cluster.place}
    assert not any(directory.exists() for directory in elsewhere)


def test_state_moves_with_its_home(tmp_path, new_server):
    open_to_all(tmp_path)
    first = new_server(tmp_path / "first")
    remember(first, "carried")
    first.leave()
    first.home.rename(tmp_path / "second")

    second = new_server(tmp_path / "second")
    assert ask(second, "select word from memory") == "carried"
    assert second.cluster.place == tmp_path / "second" / "server"


def test_data_of_another_major_version_is_refused_with_a_sentence(home, new_server):
    first = new_server(home)
    first.ensure()
    first.leave()
    version = first.cluster.data / "PG_VERSION"
    version.write_text("15\n")

    with pytest.raises(EmbeddedPostgresError, match=f"written by PostgreSQL 15.* has PostgreSQL {MAJOR}"):
        new_server(home).ensure()
    version.write_text(f"{MAJOR}\n")


@pytest.mark.parametrize("pooled", [["pooled"], []], ids=["pooled", "plain"])
def test_django_connects_again_after_a_crash_and_after_a_stop(home, pooled):
    process = python(DJANGO, home, *pooled)
    told, complaints = process.communicate()

    assert told.splitlines() == ["off portal"] * 3
    assert process.returncode == 0, complaints
    assert "couldn't stop thread" not in complaints  # 5 s for each, when a pool is left open


def test_a_forked_child_that_ends_does_not_stop_it(home):
    told, _ = python(FORKER, home).communicate()

    assert told.split() == ["True"]


def test_a_process_that_has_left_does_not_start_it_again(home, new_server):
    """Threads outlive the end of a program by a moment; a server that they started would stay for ever."""
    server = new_server(home)
    server.ensure()
    server.leave()

    with pytest.raises(EmbeddedPostgresError, match="has left"):
        server.ensure()


def test_binaries_below_a_closed_directory_are_copied_to_where_they_run(tmp_path):
    folder = copied(installed(), beside=tmp_path)

    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    assert f"PostgreSQL) {MAJOR}." in told
    assert copied(installed(), beside=tmp_path) == folder


def test_a_directory_that_somebody_planted_is_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "planted").symlink_to(tmp_path / "mine")
    myself = Account(os.geteuid(), os.getegid(), lent=False)

    with pytest.raises(PermissionError, match="belongs to another user"):
        private_directory(tmp_path / "planted", myself)
