"""Rules for passwords beyond length and the list of common ones: nothing about you or the practice."""

import re

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Practice, User

# Words that everybody tries first at a portal like this one.
EXPECTED = frozenset({"portal", "client", "patient", "practice", "clinic", "health", "password", "welcome", "login"})
SHORTEST_REST = 6


class NotAboutYou(UserAttributeSimilarityValidator):
    """Django's check, on the attributes that our logins have."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "name"), max_similarity=0.7)

    def get_help_text(self) -> str:
        return _("Your name or e-mail is too easy to guess.")


class NotAboutThePractice:
    """Refuses one of which little is left without the practice's name and the usual words (ASVS 6.2.11)."""

    def validate(self, password: str, user: User | None = None) -> None:
        folded = password.casefold()
        for word in EXPECTED | _words(Practice.current().name):
            folded = folded.replace(word, "")
        if len(folded) < SHORTEST_REST and folded != password.casefold():
            raise ValidationError(_("The name of the practice and words like “portal” are too easy to guess."))

    def get_help_text(self) -> str:
        return _("The practice's name is too easy to guess.")


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"\W+", name.casefold()) if len(word) > 3}
