"""Where bytes are and what they cost: on disk or in a bucket, in pieces both ways, up to a limit."""

import io
import stat
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory

from accounts.bucket import Bucket
from accounts.storage import CannotStore
from portal import bodies
from portal import settings as house_settings
from tests import s3
from tests.uploads.house import MIB, House
from uploads import handlers
from uploads.actions import files
from uploads.models import Upload

# Places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", ("disk", "bucket"))
def test_a_file_comes_back_as_it_went(request, storage):
    request.getfixturevalue(storage)
    name = default_storage.save("uploads/x", ContentFile(b"some words"))
    with default_storage.open(name) as file:
        assert file.read() == b"some words"
    assert default_storage.size(name) == 10
    [(found, changed)] = default_storage.walk("uploads")
    assert found == name and abs(datetime.now(UTC) - changed) < timedelta(minutes=10)
    default_storage.delete(name)
    assert not default_storage.exists(name) and not list(default_storage.walk("uploads"))


def test_nobody_else_on_the_machine_reads_what_is_stored(disk):
    path = disk / "media" / default_storage.save("uploads/x", ContentFile(b"x"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parents[1].stat().st_mode) == 0o700


def test_no_web_server_reaches_the_files():
    static = [house_settings.BASE_DIR / "static", house_settings.STATIC_ROOT or house_settings.HOME / "static"]
    for folder in (house_settings.MEDIA_ROOT, house_settings.FILE_UPLOAD_TEMP_DIR):
        assert house_settings.HOME in folder.parents
        assert not [root for root in static if root == folder or root in folder.parents]


def test_what_is_in_a_bucket_is_private_and_never_overwritten(bucket):
    first, second = (default_storage.save("clients/x.webp", ContentFile(text)) for text in (b"1", b"2"))
    assert first != second
    grants = s3.client(bucket).get_object_acl(Bucket=s3.BUCKET, Key=first)["Grants"]
    assert [grant["Grantee"].get("URI") for grant in grants] == [None], "nobody but the owner"


def test_a_list_longer_than_one_page_of_the_bucket_is_walked_to_its_end(bucket, monkeypatch):
    monkeypatch.setattr(Bucket, "page", 4)
    for number in range(9):
        s3.put(bucket, f"uploads/{number}")
    s3.put(bucket, "uploads-of-others/x")
    assert len(list(default_storage.walk("uploads"))) == 9


def test_a_bucket_that_is_away_is_as_a_broken_disk(settings, disk):
    with s3.serving() as address:
        settings.STORAGES = s3.storages(address, settings)
    for act in (
        lambda: default_storage.save("uploads/x", ContentFile(b"x")),
        lambda: default_storage.open("uploads/x"),
        lambda: list(default_storage.walk("uploads")),
    ):
        with pytest.raises(CannotStore):
            act()


def test_who_sends_a_file_while_the_bucket_is_away_is_told_and_nothing_is_half_stored(cast, signed_in, settings, disk):
    with s3.serving() as address:
        settings.STORAGES = s3.storages(address, settings)
    sent = {"files": SimpleUploadedFile("a.txt", b"some words")}
    answer = signed_in(cast.alice).post("/uploads/send/", sent, headers={"accept": "application/json"})
    [told] = answer.json()["files"]
    assert told["outcome"] not in {"received", "known"} and told["words"]
    assert not Upload.objects.exists() and not list((disk / "incoming").iterdir())


def test_pictures_of_people_live_in_the_bucket_too(cast, signed_in, bucket):
    cast.dana_provider.picture.save("dana.webp", ContentFile(b"a face"))
    answer = signed_in(cast.alice).get(f"/providers/{cast.dana_provider.pk}/picture/")
    assert b"".join(answer.streaming_content) == b"a face"
    assert s3.empty(bucket) == [cast.dana_provider.picture.name]


# Forms ---------------------------------------------------------------------------------------


def post(**fields):
    return RequestFactory().post("/", fields)


def test_a_file_over_the_limit_is_dropped_and_the_others_go_through(disk, monkeypatch):
    monkeypatch.setattr(handlers, "MOST_BYTES", 100_000)
    sent = [SimpleUploadedFile(f"{size}.txt", b"x" * size) for size in (10, 100_001, 100_000)]
    small, large, largest = post(files=sent).FILES.getlist("files")
    assert isinstance(large, handlers.TooLarge)
    assert (large.name, large.size, large.read()) == ("100001.txt", 100_001, b"")
    assert (small.read(), largest.size) == (b"x" * 10, 100_000)
    assert len(list((disk / "incoming").iterdir())) == 2


def test_one_that_was_too_large_is_refused_by_its_size(cast, disk):
    left = handlers.TooLarge("big.txt", "text/plain", handlers.MOST_BYTES + 1)
    found = files.receive(left, client=cast.alice_client, by=cast.alice)
    assert (found.outcome, found.refusal) == ("refused", "too_large")


def test_small_files_wait_on_disk_too(disk):
    request = post(files=[SimpleUploadedFile("a.txt", b"x")])
    assert isinstance(request.FILES["files"], TemporaryUploadedFile)
    assert len(list((disk / "incoming").iterdir())) == 1
    request.close()
    assert not list((disk / "incoming").iterdir())


def test_the_limits_are_one():
    assert handlers.MOST_BYTES == 50 * MIB


# Bodies --------------------------------------------------------------------------------------

SESSION = f"{house_settings.SESSION_COOKIE_NAME}=x"


@pytest.mark.parametrize(
    ("path", "cookies", "most"),
    (
        ("/uploads/send/", SESSION, 10 * 50 * MIB),
        ("/admin/uploads/upload/add/", SESSION, 10 * 50 * MIB),
        ("/insurance/add/", SESSION, 2 * 50 * MIB),
        ("/profile/", SESSION, 12 * MIB),
        ("/uploads/send/", "", MIB),
        ("/account/login/", "other=1", MIB),
    ),
)
def test_how_much_a_body_may_be_depends_on_where_it_goes_and_who_sends_it(path, cookies, most):
    assert most <= bodies.most_bytes(path, cookies) <= max(most + 2 * MIB, 10 * 50 * MIB + 2 * MIB)
    if most < 50 * MIB:
        assert bodies.most_bytes(path, cookies) == most


def test_a_body_over_the_limit_is_read_and_not_kept(disk):
    body = bodies.Body(100_000)
    for _ in range(10):
        body.write(b"x" * 50_000)
    assert body.is_too_large and body.length == 500_000
    body.seek(0)
    assert body.read() == b""


def test_a_body_that_says_it_is_too_long_is_not_kept_for_a_while_first(disk):
    body = bodies.Body(100_000, announced=100_001)
    body.write(b"x" * 90_000)
    assert body.is_too_large and body.read() == b""


def test_a_body_on_disk_leaves_no_name_behind(disk):
    body = bodies.Body(MIB)
    body.write(b"x" * 200_000)
    assert not list((disk / "incoming").iterdir()), "what has no name is gone when the process is"
    assert body.seek(0, io.SEEK_END) == 200_000 and body.seek(0) == 0
    assert len(body.read()) == 200_000


def test_a_request_that_is_too_long_is_answered_before_anybody_reads_its_form(client, practice, disk):
    sent = SimpleUploadedFile("large.txt", b"x" * 2 * MIB)
    answer = client.post("/account/login/", {"login": "a@example.com", "file": sent})
    assert answer.status_code == 413
    assert "That is more than we can take at once" in answer.text


# A real process --------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=("disk", "bucket"))
def house(request, tmp_path_factory, s3_server):
    more = s3.environment(s3_server) if request.param == "bucket" else {}
    running = House(tmp_path_factory.mktemp(f"house-{request.param}"), **more)
    try:
        running.start()
        # What is loaded at first use is none of what a file costs.
        download(running, sent(running, 1000))
        yield running
    finally:
        running.stop()


def sent(house, size):
    """The key of a file that was sent and let through."""
    answer = house.send([size])
    assert answer.status == 201 and b'"received"' in answer.body
    house.release()
    return house.rows("select id from uploads_upload order by sent_at desc limit 1")[0][0]


def download(house, key):
    """How many bytes came, in the end from wherever we were sent."""
    answer = house.ask(f"/uploads/{key}/download/")
    if answer.status == 302:
        with urlopen(answer.headers["Location"]) as file:
            return sum(len(piece) for piece in iter(lambda: file.read(MIB), b""))
    assert answer.status == 200 and answer.headers["Content-Length"] == str(answer.length_read)
    return answer.length_read


@contextmanager
def growth(house):
    """`.mib`: how much more memory the process had at its most than before."""
    found = SimpleNamespace()
    before = house.memory()
    house.forget_peak()
    yield found
    found.mib = (house.most_memory() - before) / MIB


def test_a_file_of_50_mb_takes_no_memory_on_its_way_in_or_out(house):
    with growth(house) as coming:
        key = sent(house, 50 * MIB)
    with growth(house) as going:
        assert download(house, key) == 50 * MIB
    assert coming.mib < 16 and going.mib < 16, (coming, going)


def test_who_reads_slowly_takes_no_memory_either(house):
    if not house.in_production:
        return  # a bucket sends the bytes itself
    key = sent(house, 50 * MIB)
    readers = [house.connect() for _ in range(4)]
    with growth(house) as waiting:
        answers = []
        for reader in readers:
            reader.request("GET", f"/uploads/{key}/download/", headers=house.headers())
            answers.append(reader.getresponse())
        # Meanwhile somebody else gets the whole of it, which gives the others time to run ahead of their readers.
        assert download(house, key) == 50 * MIB
    assert waiting.mib < 16, waiting
    assert len(answers[0].read()) == 50 * MIB
    for reader in readers:
        reader.close()
    assert house.ask("/health/ready/").status == 200
