"""One side of an insurance card: a file, or a photo that a phone takes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from uploads.content.kinds import HEAD, IMAGES, Kind, kind_of
from uploads.content.refusal import Refusal
from uploads.handlers import MOST_BYTES
from uploads.models import Upload
from uploads.refusals import sentence

KINDS = (*IMAGES, Kind.PDF)
ACCEPT = ",".join([*(kind.content_type for kind in KINDS), ".heic", ".heif", ".tif", ".tiff"])


@dataclass(frozen=True)
class Chosen:
    """A file that was just chosen, or the key of one that came with the form before."""

    file: Any = None
    sent: UUID | None = None


class CardInput(forms.Widget):
    """What is there, a choice of a file, and on a phone the camera. `upload` is shown as what is there."""

    needs_multipart_form = True
    upload: Upload | None = None
    label: Any = ""
    # The upload came with this form, which had to be shown again.
    is_held = False

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Chosen:
        return Chosen(files.get(name) or files.get(f"{name}-photo"), _key(data.get(f"_{name}-sent")))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attrs = self.build_attrs(self.attrs, attrs)
        words = {
            "name": name,
            "attrs": flatatt({**attrs, "accept": ACCEPT}),
            "id": attrs.get("id", name),
            "label": self.label,
            "upload": self.upload,
            "is_held": self.is_held,
        }
        return SafeString(render_to_string("billing/widgets/card.html", words))


def _key(text: Any) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class CardField(forms.Field):
    """A picture or PDF of one side; looked at here, so that a refused file is an error beside the field."""

    widget = CardInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data and (data.file or data.sent))

    def clean(self, value: Any) -> Chosen:
        chosen = value if isinstance(value, Chosen) else Chosen()
        if chosen.file:
            _refuse_unfit(chosen.file)
        return chosen


def _refuse_unfit(file: Any) -> None:
    file.seek(0)
    kind = Refusal.TOO_LARGE if file.size > MOST_BYTES else kind_of(file.read(HEAD), file.name or "")
    if isinstance(kind, Refusal) and kind is not Refusal.TYPE:
        raise ValidationError(str(sentence(kind)))
    if kind not in KINDS:
        raise ValidationError(_("Please send a picture (JPG, PNG, HEIC, WebP, TIFF) or a PDF of the card."))
