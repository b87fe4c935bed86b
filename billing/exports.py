"""What billing puts into a person's archive: insurances, and what was proposed to change in them.

Pictures of cards are files: they come with the storey that keeps them.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts import fhir as people
from accounts.archive import CHANGE, Entry, Section, change_head, day, moment, said_change, told, told_change
from accounts.models import Client, User
from billing import fhir
from billing.models import Coverage, CoverageChange

TOLD: dict[type[Any], str] = {
    Coverage: "id status order payor plan subscriber_id group relationship subscriber_name subscriber_birth_date "
    "valid_from valid_to created_at ended_at front_id back_id",
    CoverageChange: f"coverage_id {CHANGE}",
}


def files(client: Client, user: User) -> Iterator[Entry]:
    return iter(())


def resources(client: Client, user: User) -> Iterator[people.Resource]:
    """Coverage, with who holds it and who pays."""
    for coverage in _coverages(client, user):
        yield from fhir.resources(coverage)


def rows(client: Client, user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything for machines, by kind."""
    yield "insurances", [told(coverage, TOLD[Coverage]) for coverage in _coverages(client, user)]
    yield (
        "insurance_changes",
        [{**told(row, TOLD[CoverageChange]), **told_change(row, user)} for row in _changes(client, user)],
    )


def sections(client: Client, user: User) -> Iterator[Section]:
    """The same to read."""
    coverages = list(_coverages(client, user))
    for coverage in coverages:
        yield Section(_("Insurance: {name}").format(name=coverage), facts=_facts(coverage))
    if not coverages:
        yield Section(_("Insurance"), nothing=_("None."))
    yield Section(
        _("Changes of insurances that were sent for review"),
        key="insurance-changes",
        head=change_head(),
        rows=[said_change(change) for change in _changes(client, user)],
        nothing=_("None."),
    )


def _coverages(client: Client, user: User) -> Any:
    return Coverage.objects.visible_to(user).filter(client=client)


def _changes(client: Client, user: User) -> Any:
    seen = CoverageChange.objects.visible_to(user).filter(client=client)
    return seen.select_related("coverage")


def _facts(coverage: Coverage) -> list[tuple[str, str]]:
    return [
        (_("Insurance company"), coverage.payor),
        (_("Plan"), coverage.plan),
        (_("Member number"), coverage.subscriber_id),
        (_("Group number"), coverage.group),
        (_("State"), str(coverage.get_status_display())),
        (_("Order"), str(coverage.get_order_display())),
        (_("Who holds the policy"), str(coverage.get_relationship_display())),
        (_("Name of the holder"), coverage.subscriber_name),
        (_("Birth date of the holder"), day(coverage.subscriber_birth_date)),
        (_("Valid from"), day(coverage.valid_from)),
        (_("Valid until"), day(coverage.valid_to)),
        (_("Ended"), moment(coverage.ended_at)),
    ]
