"""A form of FHIR JSON that comes in from outside: as a file, or as text."""

import base64
import binascii
import zlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forms_app import answers
from forms_app.answers import documents
from forms_app.answers.problems import Problem

# Far above what is read of a form, so that the report names the reason; in bytes.
MOST_BYTES = 8 * 1024 * 1024


class ImportForm(forms.Form):
    """One or the other."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A Questionnaire of FHIR R4 as JSON, as another system exports it."),
        required=False,
        allow_empty_file=True,
        max_length=None,
    )
    text = forms.CharField(
        label=_("Or its text"),
        help_text=_("For what you have copied. Anything long is better sent as a file."),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        file, text = given["file"], given["text"]
        if bool(file) == bool(text.strip()):
            raise ValidationError(_("Please choose a file, or paste its text: one of them."))
        if file and file.size > MOST_BYTES:
            raise ValidationError({"file": _("This file is too large to be a form.")})
        given["data"] = file.read() if file else text.encode()
        return given


def read(data: bytes) -> tuple[Any, list[Problem]]:
    """The JSON value in some bytes; nothing, and the reason, where it is none."""
    try:
        return documents.read(data), []
    except documents.NotJson as error:
        return None, [Problem("", "", "error", "not_json", {"why": str(error)})]


def pack(resource: Any) -> str:
    """What was looked at, as a field of the next page: a file is not chosen twice."""
    return base64.b64encode(zlib.compress(answers.dumps(resource).encode("utf-8", "surrogatepass"))).decode()


def unpack(packed: str) -> bytes | None:
    """The bytes of `pack`; None for what nobody packed, or what would be far larger than any form."""
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.b64decode(packed, validate=True), MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return data if reader.eof else None
