"""Buttons on a row's page: each is a POST that calls one verb and shows its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.functional import Promise

from accounts.actions.throttle import Limit, TooMany, attempt

ONCE = Limit("staff-press", most=1, window=timedelta(days=1))

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
    once: bool


def button(
    label: Words,
    *,
    permission: str,
    kind: str = "quiet",
    when: Callable[[Any], bool] = _always,
    once: bool = True,
) -> Callable[[Method], Method]:
    """Mark a method `(self, request, row) -> words or an answer` as a button.

    `when` only decides whether the button is shown; the verb itself refuses what cannot be. A button that
    only shows something is not `once`: its page may be loaded again.
    """

    def mark(method: Method) -> Method:
        vars(method)["button"] = Button(label, permission, kind, when, once)
        return method

    return mark


def is_second_press(request: HttpRequest) -> bool:
    """Whether this very button, as it was drawn once, was pressed before: a double click, a retry, a second Enter.

    Each drawn form bears a token of its own (Django masks it anew), so it names one intention.
    """
    token = request.POST.get("csrfmiddlewaretoken")
    try:
        if token:
            attempt(ONCE, f"{request.path}:{token}")
    except TooMany:
        return True
    return False
