"""The websockets of every storey."""

from accounts import routing as accounts

websocket_urlpatterns = [
    *accounts.websocket_urlpatterns,
]
