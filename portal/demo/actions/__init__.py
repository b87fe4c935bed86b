"""What the demo writes into an empty house."""

from portal.demo.actions.house import fill
from portal.demo.actions.people import open_invitation

__all__ = ["fill", "open_invitation"]
