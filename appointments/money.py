"""An amount of the practice's money, as the reader's language writes it."""

from decimal import Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language, to_locale

from accounts.models import Practice


def in_words(amount: Decimal, currency: str = "") -> str:
    """As "$80.00" or "80,00 €"; in the practice's currency, unless another is known already."""
    locale = to_locale(get_language() or "en")
    return format_currency(amount, currency or Practice.current().currency, locale=locale)
