"""What staff type in about a form as a whole, and where its items go."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from forms_app import building
from forms_app.wording import KINDS, item_words


class DetailsForm(forms.Form):
    """What clients read before they begin."""

    title = forms.CharField(
        label=_("Title"),
        help_text=_("As clients read it in their list, for example “New client intake”."),
        max_length=200,
        validators=[plain_text],
    )
    description = forms.CharField(
        label=_("What it is about"),
        help_text=_("For the practice and for whoever gets an export."),
        max_length=2000,
        required=False,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minutes = forms.IntegerField(
        label=_("How long it takes (minutes)"),
        help_text=_("Left empty, it is estimated from the questions."),
        min_value=1,
        max_value=240,
        required=False,
    )


class KindForm(forms.Form):
    """Which kind of item is added."""

    kind = forms.ChoiceField(label=_("Add"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(name, words.label) for name, words in KINDS.items() if name != "other"]
        cast(forms.ChoiceField, self.fields["kind"]).choices = offered


class PlaceForm(forms.Form):
    """Where an item goes: first, after another one, or at the end of a group."""

    where = forms.ChoiceField(label=_("Where to"), widget=forms.Select)

    def __init__(self, resource: building.Resource, link_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["where"]).choices = [
            ("first", _("First of all")),
            *_spots(resource, link_id),
        ]

    def spot(self) -> dict[str, Any]:
        """The arguments of `move_item_to`."""
        how, _sep, link_id = str(self.cleaned_data["where"]).partition(":")
        return {"first": True} if how == "first" else {how: link_id}


def _spots(resource: building.Resource, link_id: str) -> list[tuple[str, str]]:
    """Everywhere but within itself, in the order of the page."""
    spots: list[tuple[str, str]] = []
    inside = -1
    for place in building.places(resource):
        if inside >= 0 and place.depth > inside:
            continue
        inside = place.depth if place.link_id == link_id else -1
        if inside >= 0 or building.is_part(place.item):
            continue
        shift, words = "\u2003" * place.depth, item_words(place.item)
        spots.append((f"after:{place.link_id}", shift + str(_("After “{item}”")).format(item=words)))
        if place.item.get("type") == "group":
            spots.append((f"under:{place.link_id}", shift + str(_("Into “{item}”, last")).format(item=words)))
    return spots


class GroupForm(forms.Form):
    """The heading of a new group."""

    text = forms.CharField(label=_("Heading of the new group"), max_length=500, required=False, validators=[plain_text])
