"""What the tests of the roof share: a database that is away."""

import socket

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def no_database(django_db_blocker):
    """The default database is a port where nobody listens."""
    whole = connections["default"]
    nowhere = {
        "HOST": "127.0.0.1",
        "PORT": free_port(),
        "USER": "portal",
        "PASSWORD": "",
        "OPTIONS": {"connect_timeout": 2},
    }
    connections["default"] = DatabaseWrapper({**whole.settings_dict, **nowhere}, "default")
    with django_db_blocker.unblock():
        yield
    connections["default"] = whole
