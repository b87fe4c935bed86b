"""Asking for a page of the profile, and reading it."""

import re

from django.urls import reverse


def url(word, client, *more):
    return reverse(f"accounts:{word}", args=[client.pk, *more])


def page(browser, address="/profile/"):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.text


def text_of(answer):
    """The words alone."""
    body = answer if isinstance(answer, str) else answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
