"""Who of the staff is told of forms, in the transaction of what happened to them. Mails hold no health content."""

from datetime import timedelta

from django.utils import timezone

from accounts import mail
from accounts.models import Client, OutgoingMail, User
from accounts.owners import OWNER
from accounts.ownership import Area
from forms_app.models import QuestionnaireResponse

# Several forms that come in a row are one mail.
QUIET = timedelta(minutes=15)


def tell_submitted(response: QuestionnaireResponse) -> None:
    """Tell those who treat the client that something came; at most one mail to each in a quarter of an hour."""
    treating = [user for user in _care_team(response.client) if Area.FORMS not in user.muted]
    # Locked in the order of their keys: two forms at the same moment are one mail too.
    keys = [user.pk for user in treating]
    for user in User.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True):
        if user.has_perm("forms_app.view_questionnaireresponse", response) and not _told_lately(user):
            mail.write("forms_app/form_submitted", to=user.email, user=user, client=response.client)


def _told_lately(user: User) -> bool:
    since = timezone.now() - QUIET
    return OutgoingMail.objects.filter(user=user, name="forms_app/form_submitted", created_at__gt=since).exists()


def tell_alert(response: QuestionnaireResponse) -> None:
    """Tell those who treat the client to look at it soon, or the owners where nobody does.

    Also whoever wants no mails about forms: this one is about somebody's safety, and comes once a form.
    """
    seeing = [user for user in _care_team(response.client) if user.has_perm("forms_app.view_alert", response)]
    for user in seeing or User.objects.filter(groups__name=OWNER, is_active=True).order_by("pk"):
        mail.write("forms_app/form_alert", to=user.email, user=user, client=response.client)


def _care_team(client: Client) -> list[User]:
    treating = User.objects.filter(provider__clients__client=client, is_active=True, is_staff=True)
    return list(treating.order_by("pk").distinct())
