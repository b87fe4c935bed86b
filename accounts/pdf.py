"""PDFs for people, set by typst: tagged, with their fonts inside, and with every word of a client as plain text.

Data goes in as JSON and is never part of the source, so there is nothing in it that could be run. Setting takes a
whole core for a while: call it in jobs only.
"""

import json
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ACCESSIBLE: Literal["ua-1"] = "ua-1"  # PDF/UA-1, ISO 14289-1


def make(name: str, data: dict[str, Any]) -> bytes:
    """The PDF of `templates/<app>/pdf/<word>.typ`, where `name` is `app/word`.

    PDF/UA forbids a character that no font here has (an emoji, some scripts). Rather than no PDF at all there is
    one without that promise then, tagged all the same, which says so on its first page (`is_incomplete`).
    """
    app, word = name.split("/")
    source = TEMPLATES / app / "pdf" / f"{word}.typ"
    try:
        return _set(source, data, ACCESSIBLE)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return _set(source, {**data, "is_incomplete": True}, None)


def _set(source: Path, data: dict[str, Any], standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        source,
        root=source.parent,
        format="pdf",
        sys_inputs={"data": json.dumps(data, cls=DjangoJSONEncoder)},
        pdf_standards=[standard] if standard else [],
    )
