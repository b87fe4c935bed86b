"""The demo in a house where nobody is yet."""

import pytest

from accounts.models import Practice, User
from portal.demo import actions
from portal.demo.actions import papers


@pytest.mark.django_db
def test_filling_is_all_or_nothing(monkeypatch):
    def broken():
        raise OSError

    monkeypatch.setattr(papers, "_insure", broken)
    with pytest.raises(OSError):
        actions.fill()
    assert not Practice.objects.exists() and not User.objects.exists()
