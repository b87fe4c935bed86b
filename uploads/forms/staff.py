"""What staff type in about files: what they ask for, why it has to come again, what they share."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choosing import ClientsField, DueField
from accounts.fields import plain_text
from accounts.models import Client
from uploads.content.kinds import Kind
from uploads.forms.files import KIND_WORDS
from uploads.handlers import MOST_BYTES
from uploads.models import RequestTemplate


@dataclass(frozen=True)
class Pack:
    """One pack as the form shows it; `is_chosen` when it was ticked as a whole."""

    name: str
    number: int
    is_chosen: bool
    templates: list[tuple[RequestTemplate, bool]]


class AskForm(forms.Form):
    """What is asked of whom: by templates, in one's own words, or both."""

    clients = ClientsField()
    packs = forms.MultipleChoiceField(required=False)
    templates = forms.ModelMultipleChoiceField(queryset=RequestTemplate.objects.none(), required=False)
    title = forms.CharField(
        label=_("Something else"),
        help_text=_("As the client reads it, for example “Referral letter of your doctor”."),
        max_length=120,
        required=False,
        validators=[plain_text],
    )
    instructions = forms.CharField(
        label=_("How to send it"),
        help_text=_("What has to be seen on it, which pages, how old it may be."),
        max_length=1000,
        required=False,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = DueField(help_text=_("Left empty, each template's own number of days counts from today."))

    def __init__(self, clients: QuerySet[Client], without_login: Collection[UUID], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.without_login = without_login
        whom = cast(ClientsField, self.fields["clients"])
        whom.without_login, whom.queryset = without_login, clients
        self.initial.setdefault("clients", [client.pk for client in clients])
        self.offered = list(RequestTemplate.objects.filter(is_active=True).order_by("pack", "position", "pk"))
        wanted = cast(forms.ModelMultipleChoiceField, self.fields["templates"])
        wanted.queryset = RequestTemplate.objects.filter(is_active=True)
        names = sorted({template.pack for template in self.offered})
        cast(forms.MultipleChoiceField, self.fields["packs"]).choices = [(name, name) for name in names]

    def offers(self) -> list[Pack]:
        """The packs with what was ticked in them."""
        packs, templates = (set(map(str, self[name].value() or ())) for name in ("packs", "templates"))
        grouped = groupby(self.offered, key=lambda template: template.pack)
        return [
            Pack(name, number, name in packs, [(each, str(each.pk) in templates) for each in members])
            for number, (name, members) in enumerate(grouped)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["instructions"] and not cleaned["title"]:
            self.add_error("title", _("Please give it a title: that is what the client sees first."))
        elif not self.wanted():
            self.add_error("title", _("Please tick what you need, or say it in your own words here."))
        return cleaned

    def wanted(self) -> list[RequestTemplate]:
        """What was ticked, by pack or by itself, and then what was said in one's own words."""
        given = self.cleaned_data
        ticked = {template.pk for template in given["templates"]}
        found = [each for each in self.offered if each.pk in ticked or each.pack in given["packs"]]
        own = RequestTemplate(title=given["title"], instructions=given["instructions"])
        return [*found, own] if given["title"] else found


class AgainForm(forms.Form):
    """Why what came cannot be used."""

    reason = forms.CharField(
        label=_("What is wrong with it?"),
        help_text=_("The client reads this, for example “The left half is missing”."),
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please say what is wrong, so that the client can send a better one.")},
    )


def limits() -> str:
    """What may be shared, said before somebody chooses."""
    kinds = ", ".join(KIND_WORDS.get(kind, kind.upper()) for kind in Kind)
    return gettext("{kinds}; up to {size}.").format(kinds=kinds, size=f"{MOST_BYTES // 1024**2} MB")


class ShareForm(forms.Form):
    """A file of the practice for a client."""

    file = forms.FileField(
        label=_("File"),
        help_text=lazy(limits, str)(),
        # An empty one is refused by the verb, in the words that clients read too.
        allow_empty_file=True,
        max_length=None,
    )
    note = forms.CharField(label=_("A few words about it"), max_length=300, required=False, validators=[plain_text])
    share_now = forms.BooleanField(
        label=_("Share it as soon as it is checked"),
        help_text=_("Without this it stays hidden from the client until you press “Share”."),
        required=False,
    )
