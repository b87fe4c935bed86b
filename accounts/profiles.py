"""A client's facts as their people read them: what the record says, what waits for the practice, what it answered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Client, Practice, ProfileChange, ProposedChange, User
from accounts.ownership import Area
from accounts.proposals import REVIEWED, in_words, label_of, value_of

# How long an answer stands beside its field, unless the client asks anew.
ANSWERS_STAY = timedelta(days=30)
Status = ProposedChange.Status


@dataclass(frozen=True)
class Fact:
    """One field of a record in words, with the newest proposal for it if there is something to say about it."""

    name: str
    label: str
    value: str
    change: ProposedChange | None = None
    is_open: bool = True

    @property
    def waiting(self) -> ProposedChange | None:
        return self.change if self.change and self.change.status == Status.PROPOSED else None

    @property
    def answer(self) -> ProposedChange | None:
        return self.change if self.change and not self.waiting else None

    @property
    def asked(self) -> str:
        """What was proposed, in words."""
        return in_words(self.change.row, self.name, self.change.new) if self.change else ""


def newest(changes: Iterable[ProposedChange]) -> dict[Any, dict[str, ProposedChange]]:
    """By row and field, the last proposal, unless it was taken back."""
    found: dict[Any, dict[str, ProposedChange]] = defaultdict(dict)
    for change in sorted(changes, key=lambda one: one.proposed_at):
        found[change.row.pk].pop(change.field, None)
        if change.status != Status.WITHDRAWN:
            found[change.row.pk][change.field] = change
    return found


def changes_of(user: User, people: list[Client]) -> dict[Any, dict[str, ProposedChange]]:
    """What these people should hear of, read at once for all of them."""
    rows = ProfileChange.objects.visible_to(user).filter(client__in=people)
    fresh = Q(status=Status.PROPOSED) | Q(decided_at__gt=timezone.now() - ANSWERS_STAY)
    return newest(rows.filter(fresh).select_related("client"))


def person(client: Client, practice: Practice, changes: dict[str, ProposedChange]) -> Any:
    """Everything that the profile page shows about one client."""
    labels = {
        "name": _("Legal name"),
        "emergency_name": _("Name"),
        "emergency_phone": _("Phone"),
        "emergency_relationship": _("Relationship"),
    }
    facts = [
        Fact(
            name,
            labels.get(name) or label_of(client, name),
            in_words(client, name, value_of(client, name)),
            changes.get(name),
            field in practice.client_fields,
        )
        for field, names in REVIEWED.items()
        for name in names
    ]
    return {
        "client": client,
        "facts": [fact for fact in facts if not fact.name.startswith("emergency")],
        "emergency": [fact for fact in facts if fact.name.startswith("emergency")],
        "waiting": sum(1 for fact in facts if fact.waiting),
    }


def people_of(user: User) -> list[Client]:
    """The clients whose profile this login may see, in one order everywhere."""
    return list(Client.objects.visible_to(user, Area.PROFILE))


def url_of(client: Client, everybody: list[Client]) -> str:
    """The profile page, at this person where there are several."""
    page = reverse("accounts:profile")
    return f"{page}?person={client.pk}" if len(everybody) > 1 else page
