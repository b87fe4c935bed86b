"""Buttons on a row's page: each is a POST that calls one verb and shows its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.functional import Promise

# Words to show, translated when they are shown.
Words = str | Promise
Method = TypeVar("Method", bound=Callable[..., Any])


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True)
class Button:
    """What a method of a staff page looks like when it is one of the page's `buttons`."""

    label: Words
    permission: str
    kind: str
    when: Callable[[Any], bool]


def button(
    label: Words, *, permission: str, kind: str = "quiet", when: Callable[[Any], bool] = _always
) -> Callable[[Method], Method]:
    """Mark a method `(self, request, row) -> words or an answer` as a button.

    `when` only decides whether the button is shown; the verb itself refuses what cannot be.
    """

    def mark(method: Method) -> Method:
        vars(method)["button"] = Button(label, permission, kind, when)
        return method

    return mark
