"""The ready-made forms are loaded when a practice wants them."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.permissions import require
from forms_app.actions.questionnaires import import_resource, publish
from forms_app.models import Questionnaire


@transaction.atomic
def load(resource: dict[str, Any], *, by: User | None, is_published: bool = False) -> tuple[Questionnaire, bool]:
    """The form in the version of its file, and whether it was not there before.

    A version that is there stays as it is, whatever the practice made of it; a further one is a new draft, which is
    published if that is wished. Raises CannotBuild while there is another draft of the form.
    """
    require(by, "forms_app.add_questionnaire")
    known = Questionnaire.objects.filter(url=resource["url"], version=resource["version"]).first()
    row = known or import_resource(resource, by=by)
    if is_published and row.status == Questionnaire.Status.DRAFT:
        row = publish(row, by=by)
    return row, known is None
