"""`manage.py doctor` finds what is wrong, and says what to do. That it finds a healthy deployment well is shown in
test_deployment.py."""

import io
import json
import shutil
import socketserver
import threading
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal.doctor import database, files, finding, house, mail, people, shared
from portal.doctor.checks import CHECKS, examine
from portal.doctor.finding import Tone
from tests import factories, s3
from tests.portal.conftest import free_port


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True


class MailServer(socketserver.StreamRequestHandler):
    """As much SMTP as a greeting and a refused password take."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"QUIT":
                return
            self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n" if word == b"EHLO" else b"535 wrong password\r\n")


@pytest.fixture
def mail_server():
    with Threads(("127.0.0.1", 0), MailServer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def by_smtp(settings, port, **options):
    where = {"host": "127.0.0.1", "port": port, "timeout": 5}
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {**where, **options}}}


def doctor(*arguments):
    told = io.StringIO()
    try:
        call_command("doctor", *arguments, stdout=told)
    except SystemExit as end:
        return end.code, told.getvalue()
    return 0, told.getvalue()


# The command ----------------------------------------------------------------------------------


def test_it_ends_with_1_when_something_does_not_work_and_says_what_to_do(db):
    code, told = doctor("owner")
    assert code == 1
    assert "problem" in told and "createsuperuser" in told


def test_warnings_are_no_failure(db):
    code, told = doctor("kind", "practice")
    assert code == 0
    assert told.count("warning") == 2


def test_scripts_read_json(db):
    _code, told = doctor("--json", "database", "owner")
    assert [(each["check"], each["tone"]) for each in json.loads(told)] == [("database", "ok"), ("owner", "problem")]


def test_it_examines_everything_while_the_database_is_away(no_database):
    found = {name: examine(name) for name in CHECKS if name != "live"}
    assert found["database"].tone is Tone.PROBLEM
    assert "DATABASE_URL" in found["database"].advice
    assert found["storage"].tone is Tone.OK


def test_every_finding_that_is_not_well_says_what_to_do(no_database):
    found = [examine(name) for name in CHECKS if name != "live"]
    assert all(bool(finding.advice) == (finding.tone is not Tone.OK) for finding in found)


# Keys, address -------------------------------------------------------------------------


def test_the_demos_keys_are_told(settings):
    assert house.keys().tone is Tone.WARNING
    settings.SECRET_KEY, settings.FIELD_KEYS = "own" * 20, ["own-field-key"]
    assert house.keys().tone is Tone.OK
    settings.FIELD_KEYS = [settings.SECRET_KEY]
    assert house.keys().tone is Tone.PROBLEM


def test_an_address_that_would_be_refused_is_a_problem(settings):
    settings.PORTAL_URL, settings.ALLOWED_HOSTS = "https://portal.example.org", [".example.org"]
    assert house.address().tone is Tone.OK
    settings.ALLOWED_HOSTS = ["example.com"]
    assert house.address().tone is Tone.PROBLEM
    settings.PORTAL_URL = "http://example.com"
    assert house.address().tone is Tone.WARNING


def test_production_behind_no_proxy_is_told(settings):
    settings.PRODUCTION, settings.ALLAUTH_TRUSTED_PROXY_COUNT = True, 0
    assert house.proxies().tone is Tone.WARNING
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert house.proxies().tone is Tone.OK


# Files ----------------------------------------------------------------------------------------


def test_files_that_cannot_be_stored_are_a_problem(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert files.storage().tone is Tone.OK
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    settings.MEDIA_ROOT = tmp_path / "a file" / "media"
    (tmp_path / "a file").write_text("in the way")
    assert files.storage().tone is Tone.PROBLEM


def test_a_bucket_is_examined_too(settings):
    with s3.serving() as address:
        settings.STORAGES, settings.S3_BUCKET = s3.storages(address, settings), s3.BUCKET
        assert files.storage() == finding.ok(f"Files can be stored in the bucket {s3.BUCKET}.")
        assert s3.empty(address) == []
    assert files.storage().tone is Tone.PROBLEM


def test_little_room_is_told(settings, tmp_path, monkeypatch):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    assert files.room().tone is (Tone.OK if shutil.disk_usage(tmp_path).free >= files.LITTLE else Tone.WARNING)
    monkeypatch.setattr(files, "LITTLE", 10**18)
    assert files.room().tone is Tone.WARNING
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
    assert files.room().tone is Tone.PROBLEM


def test_rows_without_their_file_are_a_problem(practice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    practice.logo.save("logo.webp", ContentFile(b"x"))
    assert files.files().tone is Tone.OK
    practice.logo.storage.delete(practice.logo.name)
    found = files.files()
    assert found.tone is Tone.PROBLEM and found.words == "Files are missing: accounts.Practice 1."


class Scanner(socketserver.StreamRequestHandler):
    """As much of clamd as a ping takes."""

    def handle(self):
        self.request.recv(100)
        self.wfile.write(b"PONG\0")


def test_a_scanner_that_is_away_is_a_problem_and_none_is_told(settings):
    settings.CLAMD_SOCKET = ""
    assert files.scanner().tone is Tone.WARNING
    with Threads(("127.0.0.1", 0), Scanner) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.CLAMD_SOCKET = f"tcp://127.0.0.1:{server.server_address[1]}"
        assert files.scanner().tone is Tone.OK
        server.shutdown()
    assert files.scanner().tone is Tone.PROBLEM


# Database, cache --------------------------------------------------------------------------------


def test_an_old_database_is_a_problem(db, monkeypatch):
    assert database.reachable().tone is Tone.OK
    monkeypatch.setattr(database, "OLDEST", 990_000)
    assert database.reachable().tone is Tone.PROBLEM


def test_migrations_that_wait_are_a_problem(db):
    assert database.migrated().tone is Tone.OK
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'accounts'")
    assert database.migrated().tone is Tone.PROBLEM


@pytest.mark.parametrize(("seconds", "tone"), ((0, Tone.OK), (5, Tone.WARNING), (-300, Tone.PROBLEM)))
def test_clocks_that_differ_are_told(db, monkeypatch, seconds, tone):
    now = timezone.now
    monkeypatch.setattr(database.timezone, "now", lambda: now() + timedelta(seconds=seconds))
    assert database.clock().tone is tone


def test_a_cache_that_forgets_is_a_problem(db, settings):
    assert shared.shared_cache().tone is Tone.OK
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert shared.shared_cache().tone is Tone.PROBLEM


def test_a_redis_that_is_away_is_a_problem(db, settings):
    address = f"redis://127.0.0.1:{free_port()}"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}}
    assert shared.shared_cache().tone is Tone.PROBLEM
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [address]}}
    settings.CHANNEL_LAYERS = {"default": layer}
    assert shared.live_layer().tone is Tone.PROBLEM


# Mail -----------------------------------------------------------------------------------------


def test_no_mail_server_is_told():
    assert mail.mail_server().tone is Tone.WARNING


def test_a_mail_server_that_answers_is_well(settings, mail_server):
    by_smtp(settings, mail_server)
    assert mail.mail_server().tone is Tone.OK


def test_a_mail_server_that_refuses_our_password_is_a_problem(settings, mail_server):
    by_smtp(settings, mail_server, username="portal", password="wrong")
    finding = mail.mail_server()
    assert finding.tone is Tone.PROBLEM
    assert "refuses" in finding.words


def test_a_mail_server_that_is_away_is_a_problem(settings):
    by_smtp(settings, free_port())
    assert "does not answer" in mail.mail_server().words


# People ---------------------------------------------------------------------------------------


def test_a_practice_without_a_phone_is_told(practice):
    assert people.practice().tone is Tone.OK
    factories.practice(phone="")
    assert "no phone" in people.practice().words


def test_an_owner_needs_a_second_step(db):
    assert people.owner().words == "Nobody is an owner."
    factories.staff("Rhea Reed", "Scheduler")
    assert people.owner().words == "Nobody is an owner."
    factories.staff("Olga Owens", "Owner", factor=False)
    assert people.owner().words == "No owner has a second step."
    factories.staff("Otto Owens", "Owner")
    assert people.owner().tone is Tone.OK


def test_a_worker_whose_heart_stopped_is_a_problem(db):
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now() - interval '2 minutes')")
        assert people.worker().tone is Tone.PROBLEM
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
        assert people.worker().tone is Tone.OK
