"""The rows of the ground floor, by noun."""

from accounts.models.changes import CHANGE_PRIVACY, ProfileChange, ProposedChange
from accounts.models.invitations import Invitation
from accounts.models.mail import OutgoingMail
from accounts.models.people import Access, CareTeamMember, Client, Provider, User
from accounts.models.practice import Agreement, ClientField, LegalDocument, Practice
from accounts.models.roles import Role, RoleGrant, RoleHeld
from accounts.models.traces import FactorReset, KeptForm, RecordView, SecurityEvent, Throttle, written_once

__all__ = [
    "CHANGE_PRIVACY",
    "Access",
    "Agreement",
    "CareTeamMember",
    "Client",
    "ClientField",
    "FactorReset",
    "Invitation",
    "KeptForm",
    "LegalDocument",
    "OutgoingMail",
    "Practice",
    "ProfileChange",
    "ProposedChange",
    "Provider",
    "RecordView",
    "Role",
    "RoleGrant",
    "RoleHeld",
    "SecurityEvent",
    "Throttle",
    "User",
    "written_once",
]
