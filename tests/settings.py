"""The portal's own settings, as the kind of house that tests live in."""

import os

os.environ["PORTAL_ENV"] = "test"

from portal.settings import *  # noqa: E402, F403
