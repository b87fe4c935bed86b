"""Announcements to open sockets: ids only, and only what has been committed."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def user_group(user_id: object) -> str:
    """Every socket of a login listens here; see accounts.consumers."""
    return f"user.{user_id}"


def announce(group: str, **message: Any) -> None:
    """Tell a group `{"type": …, ids}` once the transaction has been committed."""
    layer = get_channel_layer()
    if publish := getattr(layer, "publish", None):
        # The Postgres layer is part of the transaction: no crash after COMMIT can lose the message.
        publish(group, message)
    else:
        transaction.on_commit(lambda: async_to_sync(layer.group_send)(group, message))
