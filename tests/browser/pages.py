"""The portal's pages and the states they are seen in. A new page is one line in PAGES; test_pages.py walks them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.actions import invitations, throttle
from accounts.models import Invitation, User
from appointments.actions import feeds
from tests import factories, proposals
from tests.appointments import states as visits
from tests.appointments.asking import to_change, with_offer
from tests.appointments.house import video_visit
from tests.billing import insurances
from tests.forms_app import sheets
from tests.forms_app import states as forms
from tests.forms_app.pages import two_versions
from tests.uploads import sent
from uploads.actions import requests
from uploads.models import Export

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """`who` of the cast opens `view`. `args(cast)` makes the rows that its state needs and returns the path's
    arguments; a page at the end of several steps is reached by `steps(page, cast)` instead."""

    view: str
    who: str = ""
    state: str = ""
    args: Any = None
    steps: Any = None
    status: int = 200

    def __str__(self):
        return " ".join(filter(None, [self.view, self.state, self.who]))

    def open(self, page, cast, sign_in):
        """Go there; returns the answer's status, or None where steps led to it."""
        args = self.args(cast) if self.args else []
        if self.who:
            sign_in(page, getattr(cast, self.who))
        if self.steps:
            return self.steps(page, cast)
        answer = page.goto(reverse(self.view, args=args))
        assert answer.request.redirected_from is None, f"{self} leads to {page.url}"
        return answer.status


def invitation(**fields):
    """A fresh invitation's token, once its row has the given fields."""

    def make(cast):
        sent = invitations.send_invitation(factories.client("Nora North"), by=None).invitation
        Invitation.objects.filter(pk=sent.pk).update(**fields)
        return [sent.token]

    return make


def accepted_invitation(cast):
    sent = invitations.send_invitation(factories.client("Nora North"), by=None).invitation
    invitations.accept_invitation(sent, password=factories.PASSWORD)
    return [sent.token]


def reset_link(page, cast):
    key = default_token_generator.make_token(cast.alice)
    return page.goto(reverse("account_reset_password_from_key", args=[user_pk_to_url_str(cast.alice), key])).status


def wrong_reset_key(cast):
    return [user_pk_to_url_str(cast.alice), "wrong"]


def exports(*states):
    """Downloads of everything in these states, for the login that asks for them."""

    def make(cast):
        people = [(cast.alice_client, cast.alice), (cast.timo, cast.gina), (cast.lena, cast.gina)]
        for (client, user), status in zip(people, states, strict=False):
            ready_at = timezone.now() if status == "ready" else None
            Export.objects.create(client=client, user=user, status=status, ready_at=ready_at, size=1234567)
        return []

    return make


def passkey(cast):
    made = Authenticator.objects.create(user=cast.alice, type="webauthn", data={"name": "My phone", "credential": {}})
    return [made.pk]


def no_password(cast):
    cast.alice.set_unusable_password()
    cast.alice.save()
    return []


def with_app(cast):
    TOTP.activate(cast.alice, factories.TOTP_SECRET)
    RecoveryCodes.activate(cast.alice)
    return []


def send(page, form):
    """Without the browser's own checks, so that ours answer."""
    with page.expect_navigation():
        form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")


def fill_in(view, **fields):
    def steps(page, cast):
        page.goto(reverse(view))
        form = page.locator("main form:not([data-log-out])").first
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        send(page, form)

    return steps


def goto(path):
    return lambda page, cast: page.goto(path).status


def without_cookies(page, cast):
    page.goto(reverse("account_login"))
    page.context.clear_cookies()
    send(page, page.locator("main form").first)


def too_often(page, cast):
    page.goto(reverse("accounts:join", args=invitation(expires_at=LONG_AGO)(cast)))
    for _ in range(invitations.NEW_LINKS.most):
        throttle.attempt(invitations.NEW_LINKS, str(Invitation.objects.get().pk))
    send(page, page.locator("main form").first)


def too_much(page, cast):
    page.goto(reverse("account_login"))
    page.locator("[name=login]").evaluate(
        "field => { field.maxLength = 9e6; field.type = 'text'; field.value = 'x'.repeat(2e6); }"
    )
    send(page, page.locator("main form").first)


def no_disk(page, cast):
    """A file comes in while nothing can be written."""
    page.goto(reverse("uploads:uploads"))
    page.locator("[name=files]").first.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    with override_settings(FILE_UPLOAD_TEMP_DIR="/dev/null"), page.expect_navigation():
        # As without JavaScript: the script would send it by itself.
        page.locator("form[data-upload]").first.evaluate("form => HTMLFormElement.prototype.submit.call(form)")


def asked(cast, person=None, title="Insurance card", **fields):
    """A request to send a file; due yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    more = {"instructions": "Front and back, please.", "due_on": yesterday, **fields}
    return requests.ask(client=person or cast.alice_client, by=cast.olga, title=title, **more)


def files_of(person, login):
    """Requests and files of one person in every state."""

    def make(cast):
        client, user = getattr(cast, person), getattr(cast, login)
        asked(cast, client)
        received, again, over = (asked(cast, client, title=title) for title in ("Received", "Again", "Over"))
        sent.send(user, client, request=received)
        sent.checked(sent.send(user, client, sent.text("Blurred"), request=again))
        requests.send_again(again, by=cast.olga, reason="It is blurred.")
        requests.cancel(over, by=cast.olga)
        sent.refused(sent.send(user, client, sent.text("Broken", "broken.txt")))
        sent.with_preview(sent.checked(sent.send(user, client, sent.picture()), opened_at=timezone.now()))
        sent.shared(cast, client, note="For two weeks")
        return []

    return make


def request_file(state):
    def make(cast):
        row = asked(cast)
        if state != "asked":
            sent.checked(sent.send(cast.alice, cast.alice_client, request=row))
        if state == "again":
            requests.send_again(row, by=cast.olga, reason="It is blurred.")
        if state == "accepted":
            requests.accept(row, by=cast.olga)
        return [row.pk]

    return make


def file_sent(cast):
    return [sent.send(cast.alice, cast.alice_client).pk]


def file_opened(cast):
    return [sent.checked(sent.send(cast.alice, cast.alice_client), opened_at=timezone.now()).pk]


def file_refused(cast):
    return [sent.refused(sent.send(cast.alice, cast.alice_client)).pk]


def wrong_details(page, cast):
    page.goto(reverse("accounts:profile_edit", args=proposals.own_in_every_state(cast)))
    for name, value in {"name": "", "phone": "none"}.items():
        page.locator(f"[name={name}]").fill(value)
    send(page, page.locator("main form").first)


def wrong_wish(page, cast):
    page.goto(reverse("appointments:reschedule", args=to_change(published=True)(cast)))
    page.get_by_text("Wish for a time that is not listed").click()
    for name, value in {"date_1": "2020-01-01", "start_1": "10:00", "end_1": "09:00"}.items():
        page.locator(f"[name={name}]").fill(value)
    send(page, page.locator("form.wishes"))


def past_ones(page, cast):
    visits.every_state(cast.alice_client, cast.alice)
    return page.goto(reverse("appointments:appointments") + "?when=past").status


def new_address(page, cast):
    page.goto(reverse("appointments:calendar"))
    send(page, page.locator("#address form").first)


def own_calendar(cast):
    """An address is there, details are on, and no mail about appointments is wanted."""
    feeds.make_address(by=cast.gina)
    feeds.show_details(True, by=cast.gina)
    User.objects.filter(pk=cast.gina.pk).update(muted=["appointments"])
    return []


ALICE = "alice@example.com"
WRONG = {"login": ALICE, "password": "wrong"}
RIGHT = {"login": "dana@example.com", "password": factories.PASSWORD}


def to_fill(state, client="alice_client", by="alice"):
    return lambda cast: state(getattr(cast, client), getattr(cast, by), cast.olga)


def visits_of(state, client="alice_client", by="alice"):
    return lambda cast: state(getattr(cast, client), getattr(cast, by))


PAGES = (
    Page("portal:dashboard", "alice"),
    Page("portal:dashboard", "gina", "two children"),
    Page("accounts:join", "", "sent", invitation()),
    Page("accounts:join", "", "expired", invitation(expires_at=LONG_AGO), status=410),
    Page("accounts:join", "", "revoked", invitation(status="revoked"), status=404),
    Page("accounts:join", "", "used", accepted_invitation, status=410),
    Page("accounts:join", "alice", "signed in as another", invitation(), status=409),
    Page("account_signup"),
    Page("account_login"),
    Page("account_login", "", "wrong password", steps=fill_in("account_login", **WRONG)),
    Page("account_logout", "alice"),
    Page("account_inactive"),
    Page("account_reauthenticate", "alice"),
    Page("account_email", "alice"),
    Page("account_email_verification_sent", "alice", steps=fill_in("account_email", email="new@example.com")),
    Page("account_change_password", "alice"),
    Page("account_set_password", "alice", "no password yet", no_password),
    Page("account_reset_password"),
    Page("account_reset_password_done"),
    Page("account_reset_password_from_key", "", "good link", steps=reset_link),
    Page("account_reset_password_from_key", "", "wrong link", wrong_reset_key),
    Page("account_reset_password_from_key_done"),
    Page("account_request_login_code"),
    Page("account_confirm_login_code", steps=fill_in("account_request_login_code", email=ALICE)),
    Page("accounts:security", "alice"),
    Page("accounts:security", "alice", "with an app", with_app),
    Page("accounts:security", "dana"),
    Page("mfa_authenticate", steps=fill_in("account_login", **RIGHT)),
    Page("mfa_reauthenticate", "alice", "with an app", with_app),
    Page("mfa_activate_totp", "alice"),
    Page("mfa_deactivate_totp", "alice", "with an app", with_app),
    Page("mfa_view_recovery_codes", "alice", "with an app", with_app),
    Page("mfa_generate_recovery_codes", "alice", "with an app", with_app),
    Page("mfa_add_webauthn", "alice"),
    Page("mfa_edit_webauthn", "alice", "", passkey),
    Page("mfa_remove_webauthn", "alice", "", passkey),
    Page("uploads:export", "alice"),
    Page("uploads:export", "alice", "being put together", exports("asked")),
    Page("uploads:export", "alice", "failed", exports("failed")),
    Page("uploads:export", "gina", "ready and expired", exports("asked", "ready", "expired")),
    Page("billing:insurance", "alice"),
    Page("billing:insurance", "alice", "in every state", insurances.listed),
    Page("billing:insurance", "gina", "two children"),
    Page("billing:insurance_add", "alice"),
    Page("billing:insurance_add", "gina", "nothing typed", steps=fill_in("billing:insurance_add")),
    Page("billing:insurance_edit", "alice", "", insurances.every_state),
    Page("billing:insurance_end", "alice", "", insurances.every_state),
    Page("appointments:appointments", "alice", "nothing yet"),
    Page("appointments:appointments", "alice", "every state", visits_of(visits.listed)),
    Page("appointments:appointments", "gina", "two children", visits_of(visits.listed, "timo", "gina")),
    Page("appointments:appointments", "alice", "past", steps=past_ones),
    Page("portal:dashboard", "alice", "appointments", visits_of(visits.listed)),
    Page("appointments:appointment", "alice", "on offer", visits_of(visits.one)),
    Page("appointments:appointment", "alice", "video", lambda cast: visits.plain(cast.alice_client)),
    Page("appointments:appointment", "gina", "cancelled", lambda cast: visits.cancelled(cast.timo)),
    Page("appointments:appointment", "alice", "too late", lambda cast: visits.too_late(cast.alice_client)),
    Page("appointments:calendar", "alice", "no address"),
    Page("appointments:calendar", "alice", "new address", steps=new_address),
    Page("appointments:calendar", "gina", "two children, no mails", own_calendar),
    Page("appointments:reschedule", "alice", "typed", to_change()),
    Page("appointments:reschedule", "alice", "open times", to_change(published=True)),
    Page("appointments:reschedule", "gina", "a child's", to_change("timo", published=True)),
    Page("appointments:reschedule", "alice", "wrong", steps=wrong_wish),
    Page("appointments:reschedule", "alice", "too late", to_change(hours=3)),
    Page("appointments:reschedule", "alice", "asked already", with_offer()),
    Page("appointments:cancel", "alice", "with a fee", to_change()),
    Page("appointments:cancel", "alice", "over", to_change(days=-3)),
    Page("appointments:offer", "alice", "three", with_offer()),
    Page("appointments:offer", "alice", "one is taken", with_offer(taken=1)),
    Page("appointments:offer", "alice", "all are taken", with_offer(taken=3)),
    Page("appointments:withdraw", "alice", "", with_offer()),
    Page("appointments:video", "alice", "early", video_visit(hours=2)),
    Page("appointments:video", "alice", "open", video_visit(minutes=5)),
    Page("appointments:video", "alice", "without a room", video_visit(minutes=5, link="")),
    Page("appointments:video", "alice", "late", video_visit(hours=-3)),
    Page("forms_app:forms", "alice", "nothing yet"),
    Page(
        "forms_app:forms", "alice", "every state", lambda cast: forms.listed(cast.alice_client, cast.alice, cast.olga)
    ),
    Page("forms_app:forms", "gina", "two children", lambda cast: forms.listed(cast.timo, cast.gina, cast.olga)),
    Page("portal:dashboard", "alice", "forms", lambda cast: forms.listed(cast.alice_client, cast.alice, cast.olga)),
    Page("forms_app:response", "alice", "signed", lambda cast: forms.read(cast.alice_client, cast.alice)),
    Page(
        "forms_app:response",
        "alice",
        "sent back",
        lambda cast: forms.returned(cast.alice_client, cast.alice, cast.olga),
    ),
    Page("forms_app:response", "gina", "sent twice", lambda cast: forms.again(cast.timo, cast.gina, cast.olga)),
    Page("forms_app:pdf", "alice", "", lambda cast: forms.read(cast.alice_client, cast.alice), status=409),
    Page("forms_app:fill", "alice", "empty", to_fill(sheets.empty)),
    Page("forms_app:fill", "alice", "begun", to_fill(sheets.begun)),
    Page("forms_app:fill", "alice", "returned", to_fill(sheets.returned)),
    Page("forms_app:fill", "alice", "refused", steps=sheets.refused, status=422),
    Page("forms_app:fill", "alice", "steps", to_fill(sheets.in_steps)),
    Page("forms_app:fill", "alice", "last look", steps=sheets.last_look),
    Page("forms_app:fill", "gina", "submitted", to_fill(sheets.submitted, "timo", "gina")),
    Page("forms_app:fill", "alice", "cancelled", to_fill(sheets.cancelled)),
    Page("forms_app:versions", "alice", "", to_fill(two_versions)),
    Page("uploads:uploads", "alice", "nothing yet"),
    Page("uploads:uploads", "alice", "every state", files_of("alice_client", "alice")),
    Page("uploads:uploads", "gina", "two children", files_of("timo", "gina")),
    Page("uploads:request", "alice", "asked", request_file("asked")),
    Page("uploads:request", "alice", "received", request_file("received")),
    Page("uploads:request", "alice", "to be sent again", request_file("again")),
    Page("uploads:request", "alice", "accepted", request_file("accepted")),
    Page("uploads:withdraw", "alice", "", file_sent),
    Page("uploads:withdraw", "alice", "opened", file_opened),
    Page("uploads:download", "alice", "being checked", file_sent, status=409),
    Page("uploads:download", "alice", "refused", file_refused, status=409),
    Page("accounts:profile", "alice"),
    Page("accounts:profile", "alice", "in every state", proposals.in_every_state),
    Page("accounts:profile", "gina", "two children"),
    Page("accounts:profile_edit", "alice", "in every state", proposals.own_in_every_state),
    Page("accounts:profile_edit", "alice", "wrong values", steps=wrong_details),
    Page("accounts:profile_edit", "alice", "most is closed", proposals.closed),
    Page("accounts:profile_edit", "gina", "a child", proposals.childs),
    Page("accounts:profile_picture", "alice", "", proposals.own),
    Page("accounts:profile_settings", "alice"),
    Page("accounts:record_views", "alice", "nobody", proposals.own),
    Page("accounts:record_views", "alice", "many", proposals.looked_at),
    Page("400", steps=goto("/?a=%00"), status=400),
    Page("403 csrf", steps=without_cookies),
    Page("404", steps=goto("/nothing/here/"), status=404),
    Page("404", "alice", "signed in", steps=goto("/nothing/here/"), status=404),
    Page("413", steps=too_much),
    Page("429", steps=too_often),
    Page("503 no disk", "alice", steps=no_disk),
)

# Answers to GET that are no page: styles, pictures, health, JSON, downloads, redirects, and what is only posted to.
NO_PAGES = {
    "appointments:join",
    "forms_app:attach",
    "forms_app:autosave",
    "forms_app:detach",
    "accounts:client_picture",
    "accounts:profile_withdraw",
    "accounts:security_end_others",
    "accounts:security_end",
    "accounts:forget",
    "accounts:join_new_link",
    "accounts:join_opened",
    "accounts:join_passkey",
    "accounts:keep",
    "accounts:language",
    "accounts:security_passkey",
    "accounts:provider_picture",
    "accounts:session",
    "accounts:stay",
    "appointments:feed",
    "appointments:ics",
    "billing:insurance_change_withdraw",
    "billing:insurance_none",
    "billing:insurance_withdraw",
    "brand",
    "forms_app:fhir",
    "live",
    "logo",
    "mfa_download_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "ready",
    "uploads:export_download",
    "uploads:preview",
    "uploads:send",
    "uploads:state",
    "usersessions_list",
}
