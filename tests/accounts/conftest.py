"""Reading the mails that a page has written."""

import re

import pytest
from django.core import mail

CODE = re.compile(r"\b\d{4}-\d{4}\b")
LINK = re.compile(r"https?://\S+/key/\S+")


@pytest.fixture
def mailed(run_jobs):
    """`mailed("alice@example.com")` sends what waits and returns the newest mail to that address, or None."""

    def newest(to):
        run_jobs()
        return next((message for message in reversed(mail.outbox) if message.to == [to]), None)

    return newest


@pytest.fixture
def mailed_code(mailed):
    return lambda to: CODE.search(mailed(to).body).group()


@pytest.fixture
def mailed_link(mailed):
    return lambda to: LINK.search(mailed(to).body).group()
