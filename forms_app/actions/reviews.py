"""The practice reads what was submitted: it accepts, or sends it back with comments."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from accounts.ownership import Area
from accounts.permissions import require
from accounts.states import move
from forms_app.models import Assignment, Draft, QuestionnaireResponse, Review
from forms_app.reading import locked
from forms_app.signals import response_reviewed

Status = Assignment.Status


class CannotReview(Exception):
    """The words say why, and may be shown to staff."""


@transaction.atomic
def accept(response: QuestionnaireResponse, *, by: User) -> Review:
    """It is as it should be: done, for the client too. The second of two is told who decided. Raises CannotReview."""
    review = _decide(response, Status.ACCEPTED, by=by)
    mail.write_to_client("forms_app/form_accepted", client=review.client, area=Area.FORMS)
    return review


@transaction.atomic
def send_back(
    response: QuestionnaireResponse, *, by: User, comment: str, comments: dict[str, str] | None = None
) -> Review:
    """Return it: the client reads the comment, and those on single answers (by the answer's key), and goes on.

    Raises CannotReview.
    """
    said = {key: words.strip() for key, words in (comments or {}).items() if words.strip()}
    if not comment.strip() and not said:
        raise CannotReview(_("Please say what is missing, so that the client knows what to do."))
    review = _decide(response, Status.RETURNED, by=by, comment=comment.strip(), comments=said)
    mail.write_to_client("forms_app/form_returned", client=review.client, area=Area.FORMS)
    return review


def _decide(
    response: QuestionnaireResponse,
    status: Status,
    *,
    by: User,
    comment: str = "",
    comments: dict[str, str] | None = None,
) -> Review:
    require(by, "forms_app.add_review", response)
    assignment = locked(response.assignment)
    _refuse_decided(assignment, response)
    move(assignment, status)
    review = Review(
        client=assignment.client,
        response=response,
        decision=status.value,
        comment=comment,
        comments=comments or {},
        decided_by=by,
    )
    review.full_clean(validate_constraints=False)
    review.save(force_insert=True)
    assignment.comment, assignment.decided_by, assignment.decided_at = comment, by, timezone.now()
    assignment.save(update_fields=["status", "comment", "decided_by", "decided_at"])
    # Whatever page is still open was shown before this: its save is told of a conflict and overwrites nothing.
    Draft.objects.filter(pk=assignment.pk).update(page="")
    response_reviewed.send(Review, review=review)
    return review


def _refuse_decided(assignment: Assignment, response: QuestionnaireResponse) -> None:
    """The assignment's lock is held, so the newest version is the newest."""
    if known := Review.objects.filter(response=response).select_related("decided_by").first():
        words = _("{who} has decided already: {decision}.")
        raise CannotReview(words.format(who=known.decided_by, decision=known.get_decision_display()))
    newest = assignment.responses.order_by("-number").first()
    if newest is None or newest.pk != response.pk:
        raise CannotReview(_("The client has submitted this form again meanwhile. Please look at the newest version."))
