"""Pages and websockets from one process (demo, small practice), or websockets alone beside WSGI workers."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import SessionMiddlewareStack

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup(set_prefix=False)

from portal import daphne
from portal.bodies import Pages
from portal.origin import OwnOrigin
from portal.routing import websocket_urlpatterns

daphne.take_over()
application = ProtocolTypeRouter(
    {
        "http": Pages(),
        "websocket": OwnOrigin(SessionMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
