"""The portal's own settings, as the kind of house that tests live in."""

import os

os.environ["PORTAL_ENV"] = "test"

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES

# Two runs on one server must not share a database; workers of one run get a suffix from pytest-django.
run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
DATABASES["default"]["TEST"] = {"NAME": f"test_portal_{run[:12]}"}
