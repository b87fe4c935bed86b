"""The staff's pages of the ground floor, by noun."""

from accounts.admin import access, clients, factors, invitations, mail, practice, providers, team, traces

__all__ = ["access", "clients", "factors", "invitations", "mail", "practice", "providers", "team", "traces"]
