"""Files of tests: in a folder or a bucket of their own."""

import pytest

from tests import clamd as scanner
from tests import s3


@pytest.fixture(scope="session")
def s3_server():
    with s3.serving() as address:
        yield address


@pytest.fixture(scope="session")
def clamd():
    """A real scanner: its `socket`, and what can befall it."""
    with scanner.running() as running:
        yield running


@pytest.fixture
def eicar():
    return scanner.EICAR


@pytest.fixture
def disk(settings, tmp_path):
    """The folder of files that come in, and of those that stay."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return tmp_path


@pytest.fixture
def bucket(settings, s3_server, disk):
    """The default storage is a bucket; this is the address of its server."""
    s3.empty(s3_server)
    settings.STORAGES = s3.storages(s3_server, settings)
    return s3_server
