"""Everything that the portal holds of one client and one login may see, as one ZIP."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone, translation
from django.utils.translation import gettext as _

import accounts.exports
import appointments.exports
import billing.exports
import forms_app.exports
import uploads.exports
from accounts import fhir, pdf
from accounts.archive import Entry, Section, moment, sheet
from accounts.models import Client, Practice, User


class Part(Protocol):
    """What each storey says of a client to a login that may see some of it."""

    def files(self, client: Client, user: User) -> Iterator[Entry]: ...

    def resources(self, client: Client, user: User) -> Iterator[fhir.Resource]: ...

    def rows(self, client: Client, user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]: ...

    def sections(self, client: Client, user: User) -> Iterator[Section]: ...


# The one list: a storey that holds something of clients adds its module.
PARTS: tuple[Part, ...] = (accounts.exports, uploads.exports, forms_app.exports, appointments.exports, billing.exports)


def write_zip(into: IO[bytes], client: Client, user: User, *, now: datetime) -> None:
    """Write the archive in the reader's language and time zone, piece by piece: no file is held as a whole."""
    with (
        translation.override(user.language),
        timezone.override(ZoneInfo(user.time_zone)),
        zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for path, chunks in _entries(client, user, now):
            _write(archive, path, chunks, timezone.localtime(now))


def incoming() -> IO[bytes]:
    """A file without a name, which is gone with its process."""
    return tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)


def _write(archive: zipfile.ZipFile, path: str, chunks: Iterable[bytes], at: datetime) -> None:
    entry = zipfile.ZipInfo(path, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    # How long it will be is not known before its end, and may be more than ZIP of 1993 can say.
    with archive.open(entry, "w", force_zip64=True) as target:
        for chunk in chunks:
            target.write(chunk)


def _entries(client: Client, user: User, now: datetime) -> Iterator[Entry]:
    sections = [section for part in PARTS for section in part.sections(client, user)]
    yield "README.txt", [_read_me(client, now).encode()]
    yield "profile.pdf", [pdf.make("accounts/record", _for_pdf(client, sections, now))]
    yield "bundle.json", [_json(fhir.bundle(_resources(client, user), at=timezone.localtime(now)))]
    yield "record.json", [_json(dict(pair for part in PARTS for pair in part.rows(client, user)))]
    for section in sections:
        if section.rows:
            yield f"tables/{section.key}.csv", [sheet(section.head, section.rows)]
    for part in PARTS:
        yield from part.files(client, user)


def _resources(client: Client, user: User) -> Iterator[fhir.Resource]:
    for part in PARTS:
        yield from part.resources(client, user)


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def _for_pdf(client: Client, sections: list[Section], now: datetime) -> dict[str, Any]:
    return {
        "title": client.name,
        "lead": _put_together(now),
        "lang": translation.get_language(),
        "practice": Practice.current().name,
        "page": _("Page"),
        "incomplete": _(
            "Some characters cannot be drawn here and show as empty boxes. They are complete in record.json and in "
            "the tables."
        ),
        "sections": [
            {
                "heading": section.heading,
                "facts": [[label, value] for label, value in section.facts if value],
                "head": list(section.head),
                "rows": [list(row) for row in section.rows],
                "nothing": section.nothing,
            }
            for section in sections
        ],
    }


def _put_together(now: datetime) -> str:
    return _("What the client portal of {practice} held on {at}.").format(
        practice=Practice.current().name, at=moment(now)
    )


def _read_me(client: Client, now: datetime) -> str:
    lines = [
        client.name,
        _put_together(now),
        "",
        _("profile.pdf: the record to read or print."),
        _("files: what was sent and shared, as it was sent."),
        _("forms: what was submitted, to read or print."),
        _("appointments: for a calendar program (iCalendar)."),
        _("picture: the client's picture."),
        _("tables: lists for a spreadsheet (CSV)."),
        _("record.json: everything, for a computer to read."),
        _("bundle.json: for another practice's system (HL7 FHIR R4 Bundle)."),
        "",
        _("It holds what your login may see. Keep it safe: whoever has this file can read it."),
        _("Something missing or wrong? Please call {phone}.").format(phone=Practice.current().phone),
    ]
    return "\r\n".join([*lines, ""])
