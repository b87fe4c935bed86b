"""Files: asked for, sent, shared."""

from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class UploadsConfig(AppConfig):
    name = "uploads"

    def ready(self) -> None:
        # On a disk that cannot be written to, the pages that only read go on.
        with suppress(OSError):
            Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
