"""Logs are JSON lines without anything of a person: no path, no query, no body, no address of a mail."""

import json
import logging
import re

SECRETS = re.compile(r"(/join/|/key/)[^/\s]+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<=\?)\S+")


class Redact(logging.Filter):
    """Takes tokens, queries and e-mail addresses out of a line before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRETS.sub("…", record.getMessage()), None
        return True


class JSONFormatter(logging.Formatter):
    """One object a line: when (UTC), how bad, who says it, what."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = SECRETS.sub("…", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
