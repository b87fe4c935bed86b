"""How files of a form come in: to disk, each up to its limit, while the others go on."""

from contextlib import suppress
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from accounts.storage import CannotStore

MOST_BYTES = 50 * 1024 * 1024  # of one file
MOST_FILES = 10  # of one request


class TooLarge(UploadedFile):
    """What is left of a file over the limit: its name, and a `size` that says so. It has no content."""

    def __init__(self, name: str, content_type: str, size: int) -> None:
        super().__init__(BytesIO(), name, content_type, size)


class ToDisk(TemporaryFileUploadHandler):
    """Every file to FILE_UPLOAD_TEMP_DIR, small ones too: ten in memory would be too much for it.

    Raises CannotStore when it cannot be written; what was written goes.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.is_too_large = False
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            raise CannotStore(error.errno, error.strerror) from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.is_too_large:
            return
        if start + len(raw_data) > MOST_BYTES:
            self.is_too_large = True
            self._drop()
            return
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._drop()
            raise CannotStore(error.errno, error.strerror) from error

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.is_too_large:
            return TooLarge(self.file_name or "", self.content_type or "", file_size)
        try:
            return super().file_complete(file_size)
        except OSError as error:  # the last of the buffer did not fit
            self._drop()
            raise CannotStore(error.errno, error.strerror) from error

    def _drop(self) -> None:
        with suppress(OSError):
            self.file.close()
