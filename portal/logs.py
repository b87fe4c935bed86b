"""Logs are JSON lines with nothing of a person: no token, query, body, e-mail address or value of a row."""

import json
import logging
import re
import time
import traceback
from typing import Any

SECRETS = re.compile(r"(?:(?<=/join/)|(?<=/key/)|(?<=/feed/))[^/\s]+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<=\?)\S+")


def configuration(level: str) -> dict[str, Any]:
    """For Django and the web server alike: all to standard error, but no access logs, which are paths."""
    silent = {"handlers": [], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"redact": {"()": "portal.logs.Redact"}},
        "formatters": {"json": {"()": "portal.logs.JSONFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["redact"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level},
            "django.server": silent,
            "daphne.access": silent,
            "gunicorn.access": silent,
            "procrastinate.blueprints": {"level": "WARNING"},  # these tell at each start which jobs there are
            "procrastinate.periodic": {"level": "WARNING"},
            "gunicorn.error": {"handlers": [], "level": level, "propagate": True},
        },
    }


class Redact(logging.Filter):
    """Takes tokens, queries and e-mail addresses out of a line before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRETS.sub("…", record.getMessage()), None
        return True


class JSONFormatter(logging.Formatter):
    """One object a line: when (UTC), how bad, who says it, what; of an exception the kind and the places."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = kinds_and_places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def kinds_and_places(error: BaseException) -> list[str]:
    """The chain of causes, without their words: those of a database or of a parser quote the value,
    which may be somebody's name or answer. Each cause once: libraries that raise an old error again make rings."""
    lines: list[str] = []
    known: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in known:
        known.add(id(cause))
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        frames = traceback.extract_tb(cause.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return lines
