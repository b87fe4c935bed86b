"""Files in an S3 bucket. Apart from accounts.storage, because boto3 takes a while to load."""

import errno
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from accounts.storage import CannotStore

PART = 8 * 1024 * 1024  # bytes; this much of a file is in memory at a time
GOOD_FOR = 60  # seconds


class Bucket(S3Storage):
    """Private objects; whoever may have one gets a link that is good for a minute."""

    is_remote = True

    def __init__(self, **options: Any) -> None:
        # One part at a time: ten threads would hold ten parts of each file.
        one_by_one = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        super().__init__(transfer_config=one_by_one, **options)

    def _save(self, name: str, content: Any) -> str:
        try:
            return super()._save(name, content)
        except (BotoCoreError, Boto3Error, ClientError) as error:
            raise CannotStore(errno.EIO, type(error).__name__) from error

    def signed(self, name: str, disposition: str) -> str:
        """A link for one download. The signature covers what the bucket is to say about the file."""
        said = {"ResponseContentDisposition": disposition, "ResponseContentType": "application/octet-stream"}
        return self.url(name, parameters=said, expire=GOOD_FOR)

    def walk(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Name and time of change (UTC) of every object of a folder, a page of a thousand at a time."""
        pages = self.connection.meta.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket_name, Prefix=f"{folder}/"):
            for entry in page.get("Contents", ()):
                yield entry["Key"], entry["LastModified"]
