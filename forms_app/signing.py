"""Who signed what, as a submitted form tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.archive import moment
from accounts.models import Access
from forms_app.answers.responses import RELATIONSHIP
from forms_app.models import QuestionnaireResponse
from forms_app.showing import Row


@dataclass(frozen=True)
class Signature:
    """A typed name below a sentence. `relationship` is what the practice says that the signer is to the client."""

    sentence: str
    name: str
    relationship: str
    at: datetime
    address: str
    # A picture of a written name, base64 of a PNG: an extra, never instead.
    drawing: str = ""

    def facts(self) -> list[tuple[str, str]]:
        lines = [
            (_("Signed by"), self.name),
            (_("Relationship"), self.relationship),
            (_("When"), moment(self.at)),
            (_("From the address"), self.address),
        ]
        return [(label, value) for label, value in lines if value]


def signatures(rows: Iterable[Row], response: QuestionnaireResponse) -> list[Signature]:
    """All signatures of a submitted form, in their order."""
    return [_signature(row, response) for row in rows if row.kind == "signature" and row.answers]


def _signature(row: Row, response: QuestionnaireResponse) -> Signature:
    who = row.signed.get("who")
    name = who.get("display", "") if isinstance(who, dict) else ""
    return Signature(
        sentence=row.question,
        name=name or row.answers[0],
        relationship=_relationship(row.signed),
        at=response.submitted_at,
        address=response.address or "",
        drawing=row.signed.get("data", "") if row.signed.get("sigFormat") == "image/png" else "",
    )


def _relationship(signed: dict[str, Any]) -> str:
    found = signed.get("extension")
    for extension in found if isinstance(found, list) else ():
        if extension.get("url") == RELATIONSHIP and extension.get("valueCode") in Access.Relationship.values:
            return str(Access.Relationship(extension["valueCode"]).label)
    return ""
