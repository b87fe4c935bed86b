"""Which files a question takes (FHIR R4 mimeType, maxSize, maxOccurs): what it does not take is told in words."""

from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_app.answers.items import Item
from uploads.content.kinds import HEAD, Kind, kind_of

# Of one question that takes several and does not say how many.
MOST_FILES = 20


def refusal(item: Item, file: UploadedFile, held: int) -> str:
    """Why this question does not take one more file, when it has `held` already; empty if it does."""
    limits = item.limits
    if limits.max_size is not None and (file.size or 0) > limits.max_size:
        words = _("This file is larger than {size}. Please send a smaller copy.")
        return words.format(size=filesizeformat(limits.max_size))
    if limits.mime_types and not _fits(file, limits.mime_types):
        return _("This question takes other files only: {kinds}.").format(kinds=", ".join(limits.mime_types))
    most = limits.max_occurs or MOST_FILES
    if item.repeats and held >= most:
        words = ngettext("This question takes {count} file only.", "This question takes {count} files only.", most)
        return words.format(count=most)
    return ""


def _fits(file: UploadedFile, wanted: tuple[str, ...]) -> bool:
    """By what the file is, whatever it calls itself. One that no form may take is told by `files.receive`."""
    if not file.size:
        return True
    file.seek(0)
    kind = kind_of(file.read(HEAD), file.name or "")
    return not isinstance(kind, Kind) or any(_is_of(kind.content_type, one.strip().lower()) for one in wanted)


def _is_of(content_type: str, wanted: str) -> bool:
    return wanted in {content_type, "*/*"} or (wanted.endswith("/*") and content_type.startswith(wanted[:-1]))
