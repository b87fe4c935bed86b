"""What staff type in to assign a form: to whom, which, until when; and by which rule."""

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choosing import ClientsField, DueField
from accounts.models import Client
from forms_app.models import AssignmentRule, Questionnaire


class FormsField(forms.ModelMultipleChoiceField):
    """The published forms, each as clients read its title."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class AssignForm(forms.Form):
    """Whom, which forms, and until when."""

    clients = ClientsField()
    questionnaires = FormsField(
        label=_("Forms"),
        queryset=Questionnaire.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one form.")},
    )
    due_on = DueField(help_text=_("Left empty, there is no day, and nobody is reminded."))

    def __init__(self, clients: QuerySet[Client], without_login: Collection[UUID], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.without_login = without_login
        whom = cast(ClientsField, self.fields["clients"])
        whom.without_login, whom.queryset = without_login, clients
        self.initial.setdefault("clients", [client.pk for client in clients])
        published = Questionnaire.objects.active().defer("resource").order_by("title", "pk")
        cast(FormsField, self.fields["questionnaires"]).queryset = published


class DueForm(forms.Form):
    """Another day for a form that is assigned."""

    due_on = DueField(help_text=_("Left empty, there is no day any more. Reminders start anew."))


class RuleForm(forms.ModelForm):
    """Which form, when, and until when."""

    url = forms.ChoiceField(label=_("Form"))

    class Meta:
        model = AssignmentRule
        fields = ("url", "event", "due_days", "is_active")
        help_texts = {"due_days": _("Counted from the day on which it is assigned. Left empty, there is no day.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "url" in self.fields:
            cast(forms.ChoiceField, self.fields["url"]).choices = offered(self.instance.url)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        same = AssignmentRule.objects.filter(url=given.get("url"), event=given.get("event"), service=None)
        if same.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is such a rule already."))
        return given


def offered(known: str = "") -> list[tuple[str, str]]:
    """Every form once, by the title of its newest version; `known` is one that a rule has already."""
    newest: dict[str, Questionnaire] = {}
    for form in Questionnaire.objects.defer("resource").order_by("created_at", "pk"):
        newest[form.url] = form
    published = set(Questionnaire.objects.active().values_list("url", flat=True))
    words = {
        url: form.title if url in published else gettext("{form} (not published)").format(form=form.title)
        for url, form in newest.items()
        if url in published or form.status == Questionnaire.Status.DRAFT or url == known
    }
    return [("", "–"), *sorted(words.items(), key=lambda one: one[1].casefold())]
