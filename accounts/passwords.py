"""One more rule for passwords: nothing that the invitation's reader could guess."""

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.utils.translation import gettext_lazy as _


class NotAboutYou(UserAttributeSimilarityValidator):
    """Django's check, on the attributes that our logins have."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "name"), max_similarity=0.7)

    def get_help_text(self) -> str:
        return str(_("Your name or e-mail is too easy to guess."))
