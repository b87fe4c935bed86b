"""A day and a time by the clock of whoever types: never moved silently, where that clock is set forward or back."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import get_default_renderer
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.local_time import NoSuchTime, TwiceThatDay, instant, local

WHICH = (("0", _("The first, before the clocks go back")), ("1", _("The second, after the clocks went back")))


class MomentWidget(forms.MultiWidget):
    """Two inputs; and a question, where the clock shows this time twice on that day."""

    use_fieldset = True
    asks_which = False

    def __init__(self) -> None:
        day = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        at = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        super().__init__({"day": day, "time": at, "which": forms.Select(choices=[("", "–"), *WHICH])})

    def decompress(self, value: datetime | None) -> list[Any]:
        if value is None:
            return [None, None, None]
        shown = local(value, timezone.get_current_timezone_name())
        return [shown.date(), shown.time(), None]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        shown = parts if self.asks_which else parts[:2]
        inputs = [
            {"label": label, "id": part["attrs"].get("id", ""), "html": self._drawn(part, renderer)}
            for label, part in zip((_("Day"), _("Time"), _("Which of the two?")), shown, strict=False)
        ]
        return render_to_string("appointments/moment.html", {"inputs": inputs})

    def _drawn(self, part: dict[str, Any], renderer: Any) -> SafeString:
        drawn = (renderer or get_default_renderer()).render(part["template_name"], {"widget": part})
        return SafeString(drawn)


class MomentField(forms.MultiValueField):
    """An instant in UTC, typed as a day and a time in the reader's zone."""

    widget = MomentWidget

    def __init__(self, **more: Any) -> None:
        missing = {"incomplete": _("Please give the day and the time.")}
        fields = (
            forms.DateField(error_messages={**missing, "invalid": _("Please give the day, as in 2027-03-31.")}),
            forms.TimeField(error_messages={**missing, "invalid": _("Please give the time, as in 14:30.")}),
            forms.ChoiceField(choices=WHICH, required=False),
        )
        super().__init__(fields, require_all_fields=False, **more)

    def compress(self, data_list: list[Any]) -> datetime | None:
        if not data_list:
            return None
        day, at, which = data_list
        return self._instant(day, at, int(which) if which else None)

    def _instant(self, day: date, at: time, fold: int | None) -> datetime:
        zone = timezone.get_current_timezone_name()
        widget: Any = self.widget
        widget.asks_which = fold is not None
        try:
            return instant(datetime.combine(day, at), zone, fold=fold)
        except NoSuchTime as error:
            words = gettext("The clocks are set forward on that day: there is no {time} ({zone}). Please change it.")
            raise ValidationError(words.format(time=f"{at:%H:%M}", zone=zone), code="no_such_time") from error
        except TwiceThatDay as error:
            widget.asks_which = True
            words = gettext("The clocks go back on that day: it is {time} twice ({zone}). Please say which one.")
            raise ValidationError(words.format(time=f"{at:%H:%M}", zone=zone), code="twice_that_day") from error
