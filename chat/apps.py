"""Conversations with the care team."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
