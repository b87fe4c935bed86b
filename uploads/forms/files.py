"""Choosing files to send."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import Client, User
from accounts.ownership import Area
from uploads.content.kinds import Kind
from uploads.handlers import MOST_BYTES, MOST_FILES
from uploads.models import Upload

KIND_WORDS = {Kind.JPEG: "JPG", Kind.WEBP: "WebP"}


def limits() -> str:
    """What may be sent, said before somebody chooses."""
    words = gettext("{kinds}; up to {size} each, and {count} at once.")
    kinds = ", ".join(KIND_WORDS.get(kind, kind.upper()) for kind in Kind)
    return words.format(kinds=kinds, size=f"{MOST_BYTES // 1024**2} MB", count=MOST_FILES)


class FilesInput(forms.FileInput):
    """Several files at once. No `accept`: what is in a file decides, and scans of clinics often bear no ending."""

    allow_multiple_selected = True

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: a photo taken with the input beside it will do."""
        return False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name)


class FilesField(forms.Field):
    """The files of a form, as they are: each is taken or refused by itself."""

    widget = FilesInput
    default_error_messages = {"required": _("Please choose a file first.")}


class FilesForm(forms.Form):
    """Files for something that the practice asked for."""

    # The base class uses the name too, for what came in; fields do not stay in the class, so nothing is lost.
    files = FilesField(  # type: ignore[assignment]
        label=_("Choose files"), help_text=lazy(limits, str)(), widget=FilesInput(attrs={"multiple": True})
    )
    # Filled by a script, to be found again when the session ends before all was sent: a browser keeps no files.
    not_sent_yet = forms.CharField(
        label=_("These files were not sent yet. Please choose them again"), required=False, widget=forms.Textarea
    )

    def __init__(self, *args: Any, limits_in: str = "", **kwargs: Any) -> None:
        """`limits_in`: the id of the text that says the limits once for several forms."""
        super().__init__(*args, **kwargs)
        if limits_in:
            self.fields["files"].help_text = ""
            self.fields["files"].widget.attrs["aria-describedby"] = limits_in


class SendForm(FilesForm):
    """Files of one's own accord; with several people one has to say whom they are about."""

    client: Any = forms.ModelChoiceField(
        label=_("For whom?"),
        queryset=None,
        empty_label=_("Please choose"),
        error_messages={"required": _("Please say whom the files are about.")},
    )
    note = forms.CharField(
        label=_("A few words about it"),
        max_length=Upload._meta.get_field("note").max_length,
        required=False,
        validators=[plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["client", "files", "note"]

    def __init__(self, *args: Any, user: User, people: Iterable[Client], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(people)
        chosen: Any = self.fields["client"]
        chosen.queryset = Client.objects.visible_to(user, Area.FILES)
        if len(self.people) == 1:
            del self.fields["client"]

    def person(self) -> Client:
        """Of valid data: whom the files are about."""
        return self.cleaned_data["client"] if "client" in self.fields else self.people[0]
