"""What people are told when a file is refused: what is wrong with it, and what to do next."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.content.refusal import Refusal

SENTENCES: dict[Refusal, Promise] = {
    Refusal.EMPTY: _("This file is empty. Please check it on your device and send it again."),
    Refusal.TOO_LARGE: _("This file is larger than 50 MB. Please send it in parts, or as a smaller copy."),
    Refusal.TYPE: _(
        "Files of this type cannot be sent. Please send a PDF, JPG, PNG, HEIC, WebP, TIFF, DOCX, XLSX, TXT, CSV or"
        " DICOM file."
    ),
    Refusal.HTML: _("This file is a web page. Web pages cannot be sent; please print it to a PDF and send that."),
    Refusal.SVG: _(
        "This is a drawing of a kind that cannot be sent (SVG). Please save it as PNG or PDF and send that."
    ),
    Refusal.EXECUTABLE: _(
        "This file is a program, and programs cannot be sent. If that surprises you, please do not open it; ask us"
        " which file we need."
    ),
    Refusal.ARCHIVE: _(
        "This file is a package of other files. Please unpack it on your device and send the files one by one."
    ),
    Refusal.BROKEN: _(
        "This file is damaged and cannot be opened. Please open it on your device, save it anew and send it again."
    ),
    Refusal.BOMB: _(
        "This file unpacks to far more than we can look at. Please save a smaller copy, or send it in parts."
    ),
    Refusal.ENCRYPTED: _("This file is locked with a password. Please save it without one and send it again."),
    Refusal.ACTIVE: _(
        "This file holds scripts, other files or links that act by themselves. Please print it to a new PDF and send"
        " that."
    ),
    Refusal.MACROS: _("This document holds macros, which are small programs. Please save it as PDF and send that."),
    Refusal.POLYGLOT: _(
        "This file holds a second file inside it. Please save it anew, or take a photo of it, and send that."
    ),
    Refusal.INFECTED: _(
        "Our virus scanner found something harmful in this file, so we did not keep it. Please check your device, and"
        " send a clean copy."
    ),
}


def sentence(code: str) -> Promise:
    """For a code that was stored; one that this release does not know is said like a damaged file."""
    return SENTENCES[Refusal(code)] if code in Refusal else SENTENCES[Refusal.BROKEN]
