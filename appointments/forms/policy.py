"""What staff type in of the practice's rules for appointments."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Practice
from appointments.models import Policy
from appointments.video_links import is_host

MOST_REMINDERS = 4
LONGEST_HOURS = 336


class CommaField(forms.CharField):
    """A list in one line, its parts divided by commas; each once."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = [part.strip() for part in (value or "").split(",")]
        return list(dict.fromkeys(self.read(part) for part in parts if part))

    def read(self, part: str) -> Any:
        return part

    def run_validators(self, value: Any) -> None:
        """Each part was checked when it was read."""


class HoursField(CommaField):
    """Hours before an appointment, the longest first."""

    def read(self, part: str) -> int:
        if not (part.isascii() and part.isdecimal() and 1 <= int(part[:5]) <= LONGEST_HOURS):
            words = gettext("“{part}” is no number of hours from 1 to {most}. Please write as in 48, 2.")
            raise ValidationError(words.format(part=part, most=LONGEST_HOURS))
        return int(part)

    def to_python(self, value: Any) -> Any:
        hours = sorted(super().to_python(value), reverse=True)
        if len(hours) > MOST_REMINDERS:
            raise ValidationError(gettext("At most {n} reminders can be sent.").format(n=MOST_REMINDERS))
        return hours


class HostsField(CommaField):
    """Names of sites, without https:// and without what comes after a slash."""

    def read(self, part: str) -> str:
        host = part.casefold()
        if not is_host(host):
            words = gettext("“{part}” is no name of a site. Please write it as in zoom.us, without https://.")
            raise ValidationError(words.format(part=part))
        return host


class PolicyForm(forms.ModelForm):
    """All rules on one page."""

    reminder_hours = HoursField(
        label=_("Reminders (hours before)"),
        required=False,
        help_text=_("As in 48, 2. Left empty, nobody is reminded. Each client can switch them off."),
    )
    video_hosts = HostsField(
        label=_("Sites that a provider’s own video link may lead to"),
        required=False,
        help_text=_("As in zoom.us, doxy.me; sites under them, as in us02web.zoom.us, are included."),
    )

    class Meta:
        model = Policy
        fields = (
            "text",
            "closes_hours",
            "horizon_days",
            "requires_reason",
            "fee_hours",
            "fee",
            "join_minutes_before",
            "join_minutes_after",
            "reminder_hours",
            "video_hosts",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "fee" in self.fields:
            words = gettext("In {currency}. Clients read it before they cancel.")
            self.fields["fee"].help_text = words.format(currency=Practice.current().currency)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("fee_hours") and "fee" in given and not given["fee"]:
            self.add_error("fee", _("Please say how much cancelling costs, or write 0 hours above."))
        if given.get("fee") and given.get("fee_hours") == 0:
            self.add_error("fee_hours", _("Please say from how many hours before on the fee is due."))
        return given
