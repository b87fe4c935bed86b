"""The rows of the ground floor, by noun."""

from accounts.models.invitations import Invitation
from accounts.models.mail import OutgoingMail
from accounts.models.people import Access, CareTeamMember, Client, Provider, User
from accounts.models.practice import Agreement, LegalDocument, Practice
from accounts.models.roles import Role, RoleGrant, RoleHeld
from accounts.models.traces import FactorReset, KeptForm, RecordView, SecurityEvent, Throttle

__all__ = [
    "Access",
    "Agreement",
    "CareTeamMember",
    "Client",
    "FactorReset",
    "Invitation",
    "KeptForm",
    "LegalDocument",
    "OutgoingMail",
    "Practice",
    "Provider",
    "RecordView",
    "Role",
    "RoleGrant",
    "RoleHeld",
    "SecurityEvent",
    "Throttle",
    "User",
]
