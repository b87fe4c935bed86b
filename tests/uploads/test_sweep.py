"""What is stored and what ought to be are brought together, on disk and in a bucket."""

import logging
import os
import time
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.uploads.test_serving import upload_of
from uploads import stored
from uploads.actions import sweep as sweeping
from uploads.actions.sweep import sweep
from uploads.models import Upload

pytestmark = pytest.mark.django_db
FOLDERS = {"uploads", "previews", "exports", "clients", "providers", "practice", "responses"}


@pytest.fixture
def later(monkeypatch):
    """The sweep runs three hours later, when everything that is there has settled."""

    def sweep_later():
        now = timezone.now() + timedelta(hours=3)
        with monkeypatch.context() as patch:
            patch.setattr(sweeping.timezone, "now", lambda: now)
            sweep()

    return sweep_later


def names():
    return {name for folder in FOLDERS | {"probe"} for name, _changed in default_storage.walk(folder)}


def test_every_column_of_files_has_a_folder_of_its_own():
    places = stored.places()
    assert {place.folder for place in places} == FOLDERS
    assert len(places) == len(FOLDERS), "history keeps names, no files"


@pytest.mark.parametrize("storage", ("disk", "bucket"))
def test_bytes_without_a_row_go_and_those_with_one_stay(cast, request, later, storage):
    request.getfixturevalue(storage)
    upload = upload_of(cast)
    cast.practice.logo.save("logo.webp", ContentFile(b"a logo"))
    for folder in FOLDERS | {"probe", "elsewhere"}:
        default_storage.save(f"{folder}/orphan", ContentFile(b"x"))
    before = names()
    sweep()
    assert names() == before, "it might still be on its way"
    later()
    assert names() == {upload.file.name, cast.practice.logo.name}
    assert default_storage.exists("elsewhere/orphan"), "others' files in the same bucket are none of ours"


def test_a_picture_that_was_replaced_goes(cast, disk, later):
    cast.alice_client.picture.save("first.webp", ContentFile(b"1"))
    cast.alice_client.picture.save("second.webp", ContentFile(b"2"))
    later()
    assert names() == {cast.alice_client.picture.name}


@pytest.mark.parametrize("fields", ({"status": "rejected", "refusal": "empty"}, {"withdrawn_at": timezone.now()}))
def test_bytes_of_what_was_withdrawn_or_refused_go(cast, disk, later, fields, django_capture_on_commit_callbacks):
    upload = upload_of(cast)
    Upload.objects.filter(pk=upload.pk).update(**fields)
    with django_capture_on_commit_callbacks(execute=True):
        later()
    assert names() == set() and Upload.objects.get().file == ""


@pytest.mark.parametrize("storage", ("disk", "bucket"))
def test_a_row_whose_file_is_missing_is_told_by_its_id_alone(cast, request, later, caplog, storage):
    request.getfixturevalue(storage)
    there, gone = upload_of(cast), upload_of(cast, name="Befund Alice.pdf", area="messages")
    default_storage.delete(gone.file.name)
    with caplog.at_level(logging.ERROR):
        later()
    assert caplog.messages == [f"The file of uploads.Upload {gone.pk} is missing."]
    assert Upload.objects.count() == 2 and default_storage.exists(there.file.name)


def test_what_a_killed_process_was_receiving_goes(cast, disk, later):
    incoming = disk / "incoming"
    (incoming / "tmp1.upload").write_bytes(b"x")
    (incoming / "check-1").mkdir()
    (incoming / "check-1" / "copy").write_bytes(b"x")
    later()
    assert not list(incoming.iterdir())
    (incoming / "tmp2.upload").write_bytes(b"x")
    sweep()
    assert [path.name for path in incoming.iterdir()] == ["tmp2.upload"]


def test_a_check_that_was_lost_is_asked_for_again_and_one_that_waits_is_not(cast, disk, later):
    lost = upload_of(cast)
    Upload.objects.update(status="scanning")
    later()
    later()
    [job] = ProcrastinateJob.objects.filter(task_name="uploads.check_upload")
    assert job.args == {"upload_id": str(lost.pk)}


def test_young_ones_are_left_to_their_own_check(cast, disk):
    upload_of(cast)
    Upload.objects.update(status="scanning")
    sweep()
    assert not ProcrastinateJob.objects.filter(task_name="uploads.check_upload")


def test_many_files_cost_a_query_for_each_five_hundred(cast, disk, django_assert_max_num_queries):
    folder = disk / "media" / "uploads"
    folder.mkdir(parents=True)
    for number in range(1200):
        (folder / f"{number:04}").write_bytes(b"")
        os.utime(folder / f"{number:04}", (time.time() - 7200,) * 2)
    with django_assert_max_num_queries(3):
        assert len(list(stored.orphans(timezone.now() - timedelta(hours=1)))) == 1200
