"""The block of a client's record that shows how scores went. Clients do not see it: a number explains nothing alone."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Client
from accounts.staff import staff_of
from forms_app import scores

Block = dict[str, Any]


def trend(request: HttpRequest, client: Client) -> Block | None:
    """One drawing for each score of each form; nothing where nobody may see answers, or no form has a score."""
    if not request.user.has_perm("forms_app.view_questionnaireresponse"):
        return None
    found = scores.trends_of(client, staff_of(request))
    return {"trends": found} if found else None
