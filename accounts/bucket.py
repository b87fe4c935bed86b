"""Files in an S3 bucket. Apart from accounts.storage, because boto3 takes a while to load."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from accounts.storage import CannotStore

PART = 5 * 1024 * 1024  # bytes, the least that S3 takes; this much of a file is in memory at a time
GOOD_FOR = 60  # seconds


class Bucket(S3Storage):
    """Private objects; whoever may have one gets a link that is good for a minute."""

    page = 1000  # the most that S3 lists at once

    is_remote = True
    client_config: Any = None

    def __init__(self, **options: Any) -> None:
        # One part at a time: ten threads would hold ten parts of each file.
        one_by_one = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        super().__init__(transfer_config=one_by_one, **options)
        # One connection for all threads: under ASGI each request has a thread of its own, and making one takes 16 MB.
        self._connections = SimpleNamespace()
        # Somebody waits for the answer; boto3's own patience is five minutes.
        in_time = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
        self.client_config = self.client_config.merge(in_time)

    def _save(self, name: str, content: Any) -> str:
        with _told():
            return super()._save(name, content)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _told():
            return super()._open(name, mode)

    def exists(self, name: str) -> bool:
        with _told():
            return super().exists(name)

    def size(self, name: str) -> int:
        with _told():
            return super().size(name)

    def delete(self, name: str) -> None:
        with _told():
            super().delete(name)

    def signed(self, name: str, disposition: str) -> str:
        """A link for one download. The signature covers what the bucket is to say about the file."""
        said = {"ResponseContentDisposition": disposition, "ResponseContentType": "application/octet-stream"}
        return self.url(name, parameters=said, expire=GOOD_FOR)

    def walk(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Name and time of change (UTC) of every object of a folder, a page at a time."""
        pages = self.connection.meta.client.get_paginator("list_objects_v2")
        with _told():
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=f"{folder}/", MaxKeys=self.page):
                for entry in page.get("Contents", ()):
                    yield entry["Key"], entry["LastModified"]


@contextmanager
def _told() -> Iterator[None]:
    """A bucket that does not answer, or refuses us, is as a disk that broke."""
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        raise CannotStore(errno.EIO, type(error).__name__) from error
