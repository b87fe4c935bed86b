"""What the practice asks for again and again."""

from django.db import transaction

from accounts.models import User
from accounts.permissions import require
from uploads.models import RequestTemplate


@transaction.atomic
def save_template(template: RequestTemplate, *, by: User | None) -> RequestTemplate:
    """Create or change a template; what was asked by it already stays as it was asked."""
    require(by, "uploads.add_requesttemplate" if template._state.adding else "uploads.change_requesttemplate")
    template.save()
    return template
