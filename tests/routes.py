"""Who gets what from every route: the table that test_isolation holds the portal to.

A route that is not here fails the build. The words: `page` is 200, `login` leads to the sign-in page, `away` leads
staff from a client's room to their own home, `gone` is 404, `press` is 405 (nothing to read here), anything else is
the route led to. For a route about one row, `args` makes its arguments for one of the logins; what is not theirs, or
never was, is `gone`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps


@dataclass(frozen=True)
class Rule:
    nobody: str
    client: str
    staff: str
    args: Callable[[Any, str], list] | None = None
    # What whoever asks for somebody else's row, or one that never was, gets.
    other: str = "gone"
    # A step of signing in: open to whoever is in the middle of it.
    step: bool = False

    @property
    def public(self):
        return self.step or self.nobody not in {"login", "admin:login"}


def anybody(client="page", staff=None, **more):
    return Rule("page", client, staff or client, **more)


def private(client="page", staff=None, **more):
    """For whoever is signed in, about their own login."""
    return Rule("login", client, staff or client, **more)


def room(client="page", **more):
    """A room for clients: staff are led to their own side."""
    return Rule("login", client, "away", **more)


def staff(answer="page", **more):
    """Behind the staff's door; whose row it may be is asked for every role below."""
    return Rule(**{"nobody": "admin:login", "client": "admin:login", "staff": answer, "other": "admin:login", **more})


def of_client(world, name):
    """A client that the login called `name` has to do with."""
    person = {"gina": world.timo, "olga": world.alice_client}.get(name) or getattr(world, f"{name}_client")
    return [person.pk]


def of_change(world, name):
    """A client, and what is proposed for them."""
    (client,) = of_client(world, name)
    changes = apps.get_model("accounts", "ProfileChange").objects
    return [client, changes.filter(client=client).earliest("proposed_at").pk]


def of_login(what):
    """Arguments from the row `what` of the login called `name`."""
    return lambda world, name: [getattr(world.seats[name], what).pk]


def of_insurance(what):
    """A client's first row of a model of insurance."""

    def args(world, name):
        [person] = of_client(world, name)
        return [apps.get_model("billing", what).objects.filter(client=person).earliest("pk").pk]

    return args


def of_form(*statuses):
    """A form that the client of the login called `name` was asked to fill in, in one of these states."""

    def args(world, name):
        rows = apps.get_model("forms_app", "Assignment").objects.filter(client__in=of_client(world, name))
        return [rows.filter(status__in=statuses).earliest("pk").pk]

    return args


def of_nobody(*values):
    """Arguments that stand for nobody's row: a token or a key that was never given out."""
    return lambda world, name: list(values)


def of_appointment(world, name):
    """The appointment ahead of the client of the login called `name`."""
    rows = apps.get_model("appointments", "Appointment").objects.filter(client__in=of_client(world, name))
    return [rows.filter(status="scheduled").latest("starts_at").pk]


def of_video(world, name):
    """The video visit ahead of the client of the login called `name`; it is too early to join it."""
    rows = apps.get_model("appointments", "Appointment").objects.filter(client__in=of_client(world, name))
    return [rows.filter(status="scheduled", booking__modality="video").latest("starts_at").pk]


def of_offer(world, name):
    """The appointment for which other times are, or were, on offer."""
    rows = apps.get_model("appointments", "ChangeRequest").objects.filter(client__in=of_client(world, name))
    return [rows.filter(times__kind="offered").latest("asked_at").appointment_id]


def of_upload(world, name):
    """The file that the login called `name` sent in answer to a request."""
    return [_first("Upload", of_client(world, name), area="files", source="client").pk]


def of_request(world, name):
    return [_first("UploadRequest", of_client(world, name)).pk]


def _first(model, client, **fields):
    return apps.get_model("uploads", model).objects.filter(client__in=client, **fields).earliest("pk")


def of_export(world, name):
    """A download of everything that is offered to the login called `name`."""
    return [world.exports.get(name, world.exports["alice"]).pk]


HOME, SECURITY = "portal:dashboard", "accounts:security"

ROUTES = {
    "portal:dashboard": room(),
    "accounts:security": private(),
    "accounts:security_end": private("press", args=of_login("session"), other="press"),
    "accounts:security_end_others": private("press"),
    "accounts:security_passkey": private("press"),
    "accounts:session": private(),
    "accounts:stay": private("press"),
    "accounts:keep": private("press"),
    "accounts:forget": private("press"),
    # An invitation's link opens for whoever holds it; test_join says what each state of it answers.
    "accounts:join": Rule("gone", "gone", "gone", args=of_nobody("no-such-token")),
    "accounts:join_opened": Rule("press", "press", "press", args=of_nobody("no-such-token"), other="press"),
    "accounts:join_passkey": Rule("press", "press", "press", args=of_nobody("no-such-token"), other="press"),
    # Asked for by GET, it leads back to the invitation.
    "accounts:join_new_link": Rule(*["accounts:join"] * 3, args=of_nobody("no-such-token"), other="accounts:join"),
    "accounts:language": Rule("press", "press", "press"),
    "accounts:profile": room(),
    "accounts:profile_settings": room(),
    "accounts:profile_edit": room(args=of_client),
    "accounts:profile_picture": room(args=of_client),
    "accounts:profile_withdraw": room("press", args=of_change, other="press"),
    "accounts:record_views": room(args=of_client),
    # Nobody in the world has a picture; test_profile says who sees one that is there.
    "accounts:client_picture": private("gone", args=of_client),
    "accounts:provider_picture": private("gone", args=of_nobody(10**9)),
    "billing:insurance": room(),
    "billing:insurance_add": room(),
    "billing:insurance_edit": room(args=of_insurance("Coverage")),
    "billing:insurance_end": room(args=of_insurance("Coverage")),
    "billing:insurance_withdraw": room("press", args=of_insurance("Coverage"), other="press"),
    "billing:insurance_none": room("press", args=of_client, other="press"),
    "billing:insurance_change_withdraw": room("press", args=of_insurance("CoverageChange"), other="press"),
    "logo": Rule("gone", "gone", "gone"),
    "brand": anybody(),
    "live": anybody(),
    "ready": anybody(),
    "forms_app:forms": room(),
    "forms_app:fill": room(args=of_form("in_progress")),
    "forms_app:autosave": room("press", args=of_form("in_progress"), other="press"),
    "forms_app:attach": room("press", args=of_form("in_progress"), other="press"),
    "forms_app:detach": room("press", args=of_form("in_progress"), other="press"),
    "forms_app:versions": room(args=of_form("in_progress")),
    "forms_app:response": room(args=of_form("accepted")),
    "forms_app:pdf": room(args=of_form("accepted")),
    "forms_app:fhir": room(args=of_form("accepted")),
    "appointments:appointments": room(),
    "appointments:calendar": room(),
    "appointments:ics": room(args=of_appointment),
    # A private address opens for whoever holds its token; test_feed says what each state of it answers.
    "appointments:feed": Rule("gone", "gone", "gone", args=of_nobody("no-such-token")),
    "appointments:appointment": room(args=of_appointment),
    "appointments:reschedule": room(args=of_appointment),
    "appointments:cancel": room(args=of_appointment),
    "appointments:offer": room(args=of_offer),
    "appointments:withdraw": room(args=of_offer),
    "appointments:video": room(args=of_video),
    "appointments:join": room("appointments:video", args=of_video),
    "uploads:uploads": room(),
    "uploads:send": room("uploads:uploads"),
    "uploads:request": room(args=of_request),
    "uploads:withdraw": room(args=of_upload),
    "uploads:download": room(args=of_upload),
    "uploads:preview": room(args=of_upload),
    "uploads:state": room(),
    "uploads:export": room(),
    "uploads:export_download": room(args=of_export),
    # Signing in
    "account_login": anybody(HOME),
    "account_signup": anybody(),
    "account_inactive": anybody(),
    "account_request_login_code": anybody(HOME),
    "account_confirm_login_code": Rule("account_request_login_code", HOME, HOME),
    "account_reset_password": anybody(),
    "account_reset_password_done": anybody(),
    "account_reset_password_from_key": anybody(args=of_nobody("1", "set-password"), other="page"),
    "account_reset_password_from_key_done": anybody(),
    "account_email_verification_sent": private("account_email", step=True),
    "mfa_authenticate": private(HOME, step=True),
    "mfa_login_webauthn": private(HOME, step=True),
    # One's own login
    "account_logout": private(),
    "account_reauthenticate": private(),
    "account_email": private(),
    "account_change_password": private(),
    "account_set_password": private("account_change_password"),
    "mfa_index": private(SECURITY),
    "mfa_list_webauthn": private(SECURITY),
    "usersessions_list": private(SECURITY),
    "mfa_reauthenticate": private("account_reauthenticate", "page"),
    "mfa_reauthenticate_webauthn": private(),
    "mfa_activate_totp": private("page", "mfa_deactivate_totp"),
    "mfa_deactivate_totp": private("gone", "page"),
    "mfa_view_recovery_codes": private("gone"),
    "mfa_generate_recovery_codes": private(),
    "mfa_download_recovery_codes": private("gone"),
    "mfa_add_webauthn": private(),
    "mfa_remove_webauthn": private(args=of_login("passkey")),
    "mfa_edit_webauthn": private(args=of_login("passkey")),
    # The staff's door; the pages behind it are swept by model, below.
    "admin:login": Rule("login", "no", "away"),
    "admin:logout": Rule("admin:login", "away", "account_logout"),
    "admin:index": staff(),
    "admin:password_change": staff("account_change_password"),
    "admin:password_change_done": staff("account_change_password"),
    "admin:autocomplete": staff("no"),
    "admin:jsi18n": staff(),
    "admin:app_list": staff("gone", args=of_nobody("accounts")),
    "admin:record": staff(args=of_client, nobody="login"),
    "admin:erase": staff(args=of_client, nobody="login"),
    "admin:as_client": staff(args=of_client, nobody="login"),
    "admin:reviews": staff(nobody="login"),
    "admin:review": staff(args=of_client, nobody="login"),
}

# The staff's pages by model: which roles have one at all. Owners have every one.
ADMIN = {
    "accounts.Client": {"Owner", "Clinician", "Scheduler", "Biller"},
    "accounts.Invitation": {"Owner", "Clinician", "Scheduler"},
    "accounts.Access": {"Owner", "Clinician", "Scheduler"},
    "accounts.CareTeamMember": {"Owner", "Clinician", "Scheduler"},
    "accounts.Provider": {"Owner", "Clinician", "Scheduler"},
    "accounts.OutgoingMail": {"Owner", "Scheduler"},
    "accounts.FactorReset": {"Owner", "Scheduler"},
    "accounts.Practice": {"Owner"},
    "accounts.LegalDocument": {"Owner"},
    "accounts.User": {"Owner"},
    "accounts.Role": {"Owner"},
    "accounts.RecordView": {"Owner"},
    "accounts.SecurityEvent": {"Owner"},
    "billing.Coverage": {"Owner", "Clinician", "Scheduler", "Biller"},
    "appointments.Booking": {"Owner", "Clinician", "Scheduler"},
    "appointments.ChangeRequest": {"Owner", "Clinician", "Scheduler"},
    "appointments.Appointment": {"Owner", "Clinician", "Scheduler", "Biller"},
    "appointments.Service": {"Owner", "Clinician", "Scheduler", "Biller"},
    "appointments.Location": {"Owner", "Clinician", "Scheduler"},
    "appointments.Room": {"Owner", "Clinician", "Scheduler"},
    "appointments.Schedule": {"Owner", "Clinician", "Scheduler"},
    "appointments.TimeOff": {"Owner", "Clinician", "Scheduler"},
    "appointments.Policy": {"Owner", "Clinician", "Scheduler"},
    "appointments.Reminder": {"Owner", "Clinician", "Scheduler"},
    "appointments.Preferences": {"Owner", "Clinician", "Scheduler"},
    "forms_app.Assignment": {"Owner", "Clinician", "Scheduler"},
    "forms_app.AssignmentRule": {"Owner"},
    "forms_app.Questionnaire": {"Owner", "Clinician", "Scheduler"},
    "forms_app.QuestionnaireResponse": {"Owner", "Clinician"},
    "forms_app.Alert": {"Owner", "Clinician"},
    "uploads.Upload": {"Owner", "Clinician", "Scheduler", "Biller"},
    "uploads.UploadRequest": {"Owner", "Clinician", "Scheduler"},
    "uploads.RequestTemplate": {"Owner", "Clinician", "Scheduler"},
    "uploads.Download": {"Owner", "Clinician", "Scheduler"},
    "uploads.Export": {"Owner"},
}

# What there is about a model in the admin.
ADMIN_WORDS = {
    "changelist", "add", "change", "delete", "history", "do", "invite", "download", "preview", "csv", "bundle", "fhir",
    "import", "pdf", "arrange", "cancel", "people", "conditions", "details", "discard", "export", "item", "join",
    "json", "move", "planned", "publish", "remove",
}  # fmt: skip
