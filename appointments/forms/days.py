"""Days and times of day as staff type them."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def near(day: date) -> None:
    """Refuse years that nobody means."""
    if not 2000 <= day.year <= 2100:
        raise ValidationError(_("Please check the year."))
