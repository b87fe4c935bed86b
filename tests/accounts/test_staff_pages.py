"""What holds on every staff page: the strict policy, mails unread, a client's view marked as such."""

from django.urls import reverse

from accounts.actions.invitations import send_invitation
from accounts.models import OutgoingMail
from tests import factories
from tests.accounts.test_staff_clients import LIST, record


def test_what_a_mail_says_is_never_shown_to_staff(cast, signed_in):
    invitation = send_invitation(factories.client("Carl Cole"), by=cast.rhea).invitation
    mail = OutgoingMail.objects.get(client=invitation.client)
    olga = signed_in(cast.olga)
    for url in (
        reverse("admin:accounts_outgoingmail_changelist"),
        reverse("admin:accounts_outgoingmail_change", args=[mail.pk]),
    ):
        assert invitation.token not in olga.get(url).content.decode()


def test_view_as_client_is_marked_and_read_only(cast, signed_in):
    url = reverse("admin:as_client", args=[cast.bob_client.pk])
    page = signed_in(cast.olga).get(url).content.decode()
    assert "as Bob Brown sees it" in page
    assert "Hello, Bob" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert signed_in(cast.olga).post(url).status_code == 405
    assert signed_in(cast.rhea).get(url).status_code == 403


def test_every_staff_page_has_the_strict_policy(cast, signed_in):
    for url in (
        reverse("admin:index"),
        reverse(LIST),
        record(cast.bob_client),
        reverse("admin:accounts_practice_change", args=[1]),
    ):
        answer = signed_in(cast.olga).get(url)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "style-src 'self';" in policy
        page = answer.content.decode()
        assert "<style" not in page and " style=" not in page and " onclick=" not in page
        assert page.count("<script") == page.count('<script type="module" src=')
