"""Moving a row from state to state, by its own table and no other way."""

from typing import Any

from django.utils.translation import gettext as _


class ForbiddenMove(Exception):
    """The row's table of transitions does not know this move; the words may be shown."""


def move(row: Any, status: str) -> None:
    """Set `row.status` if its model's TRANSITIONS allow it. The caller holds the row's lock and saves.

    Raises ForbiddenMove.
    """
    if status not in row.TRANSITIONS[row.status]:
        words = _("This cannot be done any more: it is “{state}” now.")
        raise ForbiddenMove(words.format(state=row.get_status_display()))
    row.status = status
