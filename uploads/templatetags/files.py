"""Files in words."""

from typing import Any

from django import template

from uploads.content.refusal import Refusal
from uploads.handlers import MOST_BYTES, MOST_FILES
from uploads.refusals import sentence

register = template.Library()
register.filter("refusal", sentence)


@register.inclusion_tag("uploads/sender_parts.html")
def sender_parts() -> dict[str, Any]:
    """What the script that sends files is made of, and what it says."""
    return {
        "most_at_once": MOST_FILES,
        "most_bytes": MOST_BYTES,
        "empty": sentence(Refusal.EMPTY),
        "too_large": sentence(Refusal.TOO_LARGE),
    }
