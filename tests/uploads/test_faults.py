"""Full and broken disks, killed processes, lines that break: told, nothing half stored, nothing lost."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.portal.stack import PATIENCE
from tests.uploads.house import MIB, House

HOURS = 3 * 3600  # seconds; more than the sweep waits
SWEEP = "from uploads.actions.sweep import sweep; sweep()"
NO_ROOM = "We have no room for files at the moment. Nothing of this was stored."


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    running = House(tmp_path_factory.mktemp("house"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def empty(house):
    """Each test begins with a running process and without files."""
    yield
    house.rows("delete from procrastinate_jobs")
    house.rows("set session_replication_role = replica; delete from uploads_upload")
    if "PORTAL_HOME" in house.more:
        house.end_pages()
        house.within = ()
        del house.more["PORTAL_HOME"]
        house.start_pages()
    for path in [*house.files("media"), *house.files("incoming")]:
        path.unlink()


def wait_for(question):
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def grow_old(house, *folders):
    """As if all that is there were from hours ago."""
    for folder in folders:
        for path in [*house.place(folder).rglob("*"), *house.place(folder).iterdir()]:
            os.utime(path, (time.time() - HOURS,) * 2)


def kept(house):
    """The sizes of the rows; each has its file, whole, and there is no other file."""
    rows = house.rows("select file, size from uploads_upload order by file")
    found = [(str(path.relative_to(house.place("media"))), path.stat().st_size) for path in house.files("media")]
    assert rows == found
    return [size for _name, size in rows]


# A full disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ("daphne", "gunicorn"))
def test_s70_ten_large_files_at_once_on_a_full_disk(house, server):
    house.on_a_disk_of_its_own(server, 120 * MIB)
    empty = house.room()
    with ThreadPoolExecutor(10) as senders:
        answers = list(senders.map(lambda _number: house.send([50 * MIB]), range(10)))
    told = [answer for answer in answers if answer.status != 201]
    assert len(told) >= 8, [answer.status for answer in answers]
    assert {answer.status for answer in told} == {507}
    assert all(json.loads(answer.body)["error"].startswith(NO_ROOM) for answer in told)
    assert kept(house) == [50 * MIB] * (10 - len(told)), "nothing half stored"
    assert not house.files("incoming")
    wait_for(lambda: house.room() > empty - (10 - len(told)) * 50 * MIB - MIB)
    assert house.send([1000]).status == 201, "there is room again"


def test_ten_large_files_of_one_form_on_a_full_disk_are_refused_with_a_page(house):
    house.on_a_disk_of_its_own("daphne", 120 * MIB)
    answer = house.send([50 * MIB] * 10, headers={"Accept": "text/html"})
    assert answer.status == 507
    assert NO_ROOM in answer.body.decode() and "+1 212 555 0100" in answer.body.decode()
    assert kept(house) == [] and not house.files("incoming")


@pytest.mark.parametrize("server", ("daphne", "gunicorn"))
@pytest.mark.parametrize("size", (1000, MIB))
def test_s70_a_disk_that_cannot_be_written_to(house, server, size):
    house.on_a_disk_of_its_own(server, 20 * MIB, writable=False)
    answer = house.send([size], headers={"Accept": "text/html"})
    assert answer.status == 503
    assert "We cannot get to our files at the moment. Nothing of this was stored." in answer.body.decode()
    assert kept(house) == []
    for page in ("/", "/account/security/"):
        assert house.ask(page).status == 200, "pages that only read go on"


# Too much -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ("daphne", "gunicorn"))
def test_a_stranger_s_file_is_refused_before_it_is_kept(house, server):
    house.on_a_disk_of_its_own(server, 4 * MIB)
    answer = house.send([5 * MIB], signed_in=False)
    assert answer.status == 413 and kept(house) == []


@pytest.mark.parametrize("server", ("daphne", "gunicorn"))
def test_more_than_a_form_may_hold_is_refused_in_our_look(house, server):
    house.on_a_disk_of_its_own(server, 4 * MIB)
    answer = house.send([20 * MIB], path="/account/security/", headers={"Accept": "text/html"})
    assert answer.status == 413
    assert "That is more than we can take at once" in answer.body.decode()


def test_a_body_that_does_not_say_how_long_it_is_is_counted(house):
    connection = house.connect()
    pieces = (b"x" * MIB for _ in range(20))
    connection.request("POST", "/account/login/", body=pieces, headers=house.headers(False), encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_file_over_50_mb_is_refused_by_itself(house):
    answer = house.send([1000, 50 * MIB + 1, 2000])
    found = [each["outcome"] for each in json.loads(answer.body)["files"]]
    assert (answer.status, found) == (201, ["received", "refused", "received"])
    assert sorted(kept(house)) == [1000, 2000]


# Lines that break, processes that are killed --------------------------------------------------------


def test_a_line_that_breaks_in_the_middle_leaves_nothing(house):
    house.send([50 * MIB], pause_after=20 * MIB).close()
    assert house.send([1000]).status == 201
    assert kept(house) == [1000] and not house.files("incoming")


def test_a_server_killed_while_a_file_comes_in_leaves_nothing(house):
    connection = house.send([50 * MIB], pause_after=20 * MIB)
    house.kill("sockets")
    house.start_pages()
    connection.close()
    assert kept(house) == [] and not house.files("incoming")


def test_a_server_killed_between_bytes_and_row_leaves_bytes_that_the_sweep_takes(house):
    with psycopg.connect(house.database_url()) as other, ThreadPoolExecutor(1) as sender:
        other.execute("lock table uploads_upload in share row exclusive mode")  # read, but not written
        sending = sender.submit(house.send, [MIB])
        wait_for(lambda: house.files("media"))
        house.kill("sockets")
        assert isinstance(sending.exception(), OSError)
    house.start_pages()
    assert house.rows("select id from uploads_upload") == [] and len(house.files("media")) == 1
    house.shell(SWEEP)
    assert len(house.files("media")) == 1, "it might still be on its way"
    grow_old(house, "media")
    house.shell(SWEEP)
    assert kept(house) == []


def test_a_worker_killed_in_the_middle_of_a_check_loses_nothing(house):
    house.send([1000])
    with psycopg.connect(house.database_url()) as other:
        other.execute("select id from uploads_upload for update")  # what the check found cannot be written
        house.start_worker()
        wait_for(lambda: list(house.place("incoming").glob("check-*")))
        house.kill("worker")
    assert house.rows("select status from uploads_upload") == [("scanning",)]
    assert kept(house) == [1000]
    grow_old(house, "incoming")
    house.rows("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
    house.shell(SWEEP + RETRY)
    assert not list(house.place("incoming").iterdir())
    house.work()
    assert house.rows("select status from uploads_upload") == [("available",)]
    assert kept(house)[0] == 1000


RETRY = """
from types import SimpleNamespace
from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app
from accounts.tasks import retry_stalled_jobs
async_to_sync(retry_stalled_jobs.func)(SimpleNamespace(app=app), 0)
"""
