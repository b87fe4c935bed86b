"""The laws of docs/architecture.md, held over the house as it stands. That each check bites is in test_laws_bite.py."""

import subprocess

import pytest
from django.urls import get_resolver

from tests.laws import architecture, house, words
from tests.laws.sources import APPS, ROOT, files, python_files

# Law 3 does not apply to these: they are the practice's, and hold nobody's care.
OF_THE_PRACTICE = {
    "Practice": "the one practice",
    "LegalDocument": "what everybody reads before agreeing",
    "User": "logins; what they may see hangs on Access, which is a client's",
    "Provider": "the public face of the staff",
    "RequestTemplate": "the practice's own words for what it asks of many",
    "Questionnaire": "the practice's own forms, which hold nobody's answers",
    "AssignmentRule": "which of its forms the practice gives to whom by itself",
    "Service": "what the practice offers to everybody",
    "Location": "where the practice is",
    "Room": "a room of the practice",
    "Policy": "the practice's rules for everybody",
    "Schedule": "how a provider gives time away",
    "WorkingHours": "when a provider works",
    "TimeOff": "when a provider does not",
    "ProposedChange": "abstract: its two kinds belong to a client",
    "Throttle": "hashes and counts",
    "Role": "what a kind of work may do",
    "RoleHeld": "who of the staff holds a role",
    "RoleGrant": "what a role may do",
}

HOLDER, MAILBOX = "whoever holds the token has no login yet", "the demo's mailbox, which nobody signs in to"
# "path::function: what" that a page does beside `visible_to`, and why that is right.
OTHER_QUESTIONS = {
    "accounts/views/join.py::_invitation: Invitation.objects without visible_to": HOLDER,
    "accounts/views/join.py::join_new_link: Invitation.objects without visible_to": HOLDER,
    "portal/demo/views.py::mails: OutgoingMail.objects without visible_to": MAILBOX,
    "portal/demo/views.py::mail: OutgoingMail fetched without visible_to": MAILBOX,
    "portal/demo/views.py::mail_html: OutgoingMail fetched without visible_to": MAILBOX,
}

# Functions outside the actions that write, and why.
WRITERS = {
    "accounts/mail.py::write": "the outbox: a mail's row is written in the transaction of the action that calls it",
    "accounts/models/people.py::UserManager.*": "Django asks a user model's manager to make users",
    "accounts/permissions.py::*": "called by migrations, to make the roles",
    "portal/bench/rows.py::*": "the rows that the benchmark measures, in a database of their own",
}

# Public verbs that ask nobody, and why.
ASKS_NOBODY = {
    "accounts.actions.invitations.mark_undeliverable": "the portal's own: a mail came back",
    "accounts.actions.invitations.mark_opened": "whoever holds the token",
    "accounts.actions.invitations.ask_for_new_link": "whoever holds the token; mailed to the invited address only",
    "accounts.actions.invitations.check_birth_date": "whoever holds the token",
    "accounts.actions.invitations.accept_invitation": "whoever holds the token",
    "accounts.actions.invitations.revoke_all": "calls revoke_invitation, which asks, for each",
    "accounts.actions.clients.rename_login": "follows what was just asked about: the client's new name",
    "accounts.actions.kept_forms.keep": "one's own text",
    "accounts.actions.kept_forms.drop": "one's own text",
    "accounts.actions.kept_forms.clear_old": "the portal's own job",
    "accounts.actions.throttle.clear_old": "the portal itself: counts say nothing of anybody",
    "accounts.actions.mail.deliver": "the portal's own job",
    "accounts.actions.mail.record_bounce": "the portal's own: the mail server told",
    "accounts.actions.sessions.close_session": "one's own session",
    "accounts.actions.own_login.note_new_password": "one's own login; allauth asked for the old one or the mailed link",
    "accounts.actions.own_login.note_new_email": "one's own login; allauth asked for the mailed code",
    "accounts.actions.own_login.choose_language": "one's own login",
    "accounts.actions.profile.save_settings": "one's own login",
    "accounts.actions.own_login.note_factor": "one's own login; allauth asked again who it is",
    "accounts.actions.sessions.end_session": "one's own sessions; another's is not found",
    "accounts.actions.sessions.end_sessions": "follows from an act that was asked for",
    "accounts.actions.signing_in.note_sign_in": "what happened is written down whoever did it",
    "accounts.actions.signing_in.note_failure": "what happened is written down whoever did it",
    "accounts.actions.signing_in.note_lock": "what happened is written down whoever did it",
    "accounts.actions.throttle.take_back": "counts what anybody tries",
    "accounts.actions.throttle.attempt": "counts what anybody tries",
    "accounts.actions.throttle.forget": "counts what anybody tries",
    "accounts.actions.invitations.mail_came_back": "the portal's own: a mail came back",
    "accounts.actions.sessions.note_use": "one's own session",
    "uploads.actions.answers.count_answer": "part of taking a file in, which asked",
    "uploads.actions.answers.take_back_answers": "part of withdrawing or refusing a file",
    "uploads.actions.checking.check": "the portal's own job",
    "uploads.actions.checking.settle": "the portal's own job",
    "uploads.actions.requests.remind": "the portal's own job",
    "accounts.actions.reminders.remind": "the portal's own job",
    "forms_app.actions.alerts.raise_for": "part of submitting, which asked",
    "forms_app.actions.proposals.propose_from": "part of submitting, which asked; proposing asks once more",
    "forms_app.actions.drafts.keep_answers": "part of saving and submitting, which asked",
    **dict.fromkeys(
        [
            "forms_app.actions.drafts.save",
            "forms_app.actions.drafts.take_version",
            "forms_app.actions.responses.submit",
        ],
        "`open_for` asks, and locks",
    ),
    "portal.demo.actions.appointments.fill_calendar": "the demo's own, into an empty house",
    "portal.demo.actions.forms.hand_out": "the demo's own, into an empty house",
    "forms_app.actions.reminders.remind": "the portal's own job",
    "appointments.actions.reminders.remind": "the portal's own job",
    "forms_app.actions.rules.added": "the practice's own rule assigns, whoever added the client",
    "forms_app.actions.rules.booked": "the practice's own rule assigns, whoever booked",
    "portal.demo.actions.papers.hand_in": "the demo's own, into an empty house",
    "portal.demo.actions.people.welcome_everybody": "the demo's own, into an empty house",
    "portal.demo.actions.people.publish_documents": "the demo's own, into an empty house",
    "portal.demo.actions.house.fill": "the demo's own, into an empty house",
    "portal.demo.actions.people.open_invitation": "only reads",
    "uploads.actions.sweep.sweep": "the portal's own job",
    "billing.actions.coverages.settle": "follows from a decision that was asked for",
    "billing.actions.coverages.make_room": "follows from a decision that was asked for",
    "billing.actions.coverages.end_expired": "the portal's own job",
    "accounts.actions.traces.note": "what happened is written down whoever did it",
    "accounts.actions.traces.note_record_views": "reading is written down after visible_to let it through",
    "accounts.actions.traces.note_record_view": "reading is written down after visible_to let it through",
}

ASKS_NOBODY |= dict.fromkeys(
    [f"uploads.actions.exports.{verb}" for verb in ("start", "finish", "fail", "expire")], "the portal's own job"
)

ASKS_NOBODY |= dict.fromkeys([f"forms_app.actions.pdfs.{verb}" for verb in ("start", "finish")], "the portal's own job")

ASKS_NOBODY |= dict.fromkeys(
    [f"appointments.actions.steps.{verb}" for verb in ("note", "supersede", "close")],
    "part of verbs about an appointment, which ask first",
)
ASKS_NOBODY |= {
    "appointments.actions.bookings.book": "calls make, which asks, for each client",
    "appointments.actions.requests.expire": "the clock's own",
}

# Public verbs that are not one transaction, and why.
NOT_ATOMIC = {
    "billing.actions.coverages.end_expired": "one transaction for each that ends",
    "uploads.actions.checking.check": "a parser and a scanner take their time, and no row waits for them",
    "accounts.actions.reminders.remind": "each reminder is a transaction of its own",
    "uploads.actions.requests.remind": "each reminder is a transaction of its own",
    "forms_app.actions.reminders.remind": "each reminder is a transaction of its own",
    "appointments.actions.reminders.remind": "each reminder is a transaction of its own",
    "appointments.actions.requests.expire": "each request is a transaction of its own",
    "accounts.actions.invitations.ask_for_new_link": "the count of attempts stays when the rest is refused",
    "accounts.actions.invitations.check_birth_date": "the wrong answer stays counted when it is refused",
    "accounts.actions.throttle.attempt": "a refused attempt stays counted",
    "accounts.actions.throttle.forget": "one statement",
    "accounts.actions.throttle.take_back": "one statement",
    "uploads.actions.sweep.sweep": "no transaction brings bytes back; each row has one of its own",
}
# Verbs about attempts, which nobody does "by" somebody.
NOBODYS = {f"accounts.actions.throttle.{verb}" for verb in ("attempt", "forget", "take_back")}

# Paths that have no word of their own.
WORDLESS = {"": "dashboard", "appointments/<uuid:pk>/appointment.ics": "ics"}
# Pages whose test is elsewhere.
TESTED_IN = {
    "live": "tests/portal/test_health.py",
    "ready": "tests/portal/test_health.py",
    **dict.fromkeys(["session", "stay", "keep", "forget"], "tests/accounts/test_idle.py"),
    **dict.fromkeys(["logo", "provider_picture"], "tests/accounts/test_pictures.py"),
    "client_picture": "tests/accounts/test_profile_picture.py",
    "signup": "tests/accounts/test_join.py",
}

CODE = python_files()
MODELS = architecture.models_by_owner(CODE)
TEMPLATES = files("*.html", "*.txt", under=("templates",)) | files("*.html", "*.txt")
PAGES = {path: text for path, text in TEMPLATES.items() if "/email/" not in path}
MAILS = {path: text for path, text in TEMPLATES.items() if "/email/" in path}
SCRIPTS = files("*.js", under=("static",))
SHEETS = files("*.css", under=("static",))


def test_the_checks_see_the_house():
    of_a_client, of_a_login, others = MODELS
    assert {"Client", "Access", "Invitation"} <= of_a_client
    assert {"SecurityEvent", "KeptForm"} <= of_a_login
    assert {"Practice", "User"} <= others
    assert len(CODE) > 50 and len(PAGES) > 20 and SCRIPTS and SHEETS


def test_every_model_belongs_to_somebody():
    assert not architecture.unowned_models(MODELS[2], OF_THE_PRACTICE)


def test_in_pages_rows_come_from_visible_to():
    client_owned, login_owned, _others = MODELS
    assert not architecture.rows_without_question(CODE, client_owned, login_owned - {"Provider"}, OTHER_QUESTIONS)


def test_only_actions_write():
    assert not architecture.writes_outside_actions(CODE, WRITERS)


def test_verbs_are_atomic_take_by_and_ask_who_may():
    verbs = architecture.careless_verbs(CODE, asks_nobody=ASKS_NOBODY, not_atomic=NOT_ATOMIC)
    assert not [line for line in verbs if line.split(":")[0] not in NOBODYS]


def test_no_excuse_outlives_its_reason():
    client_owned, login_owned, others = MODELS
    careless = architecture.careless_verbs(CODE, asks_nobody=(), not_atomic=())
    questions = architecture.rows_without_question(CODE, client_owned, login_owned, ())
    writers = architecture.writes_outside_actions(CODE, ())
    assert not architecture.stale(ASKS_NOBODY, [line for line in careless if "asks" in line])
    assert not architecture.stale(NOT_ATOMIC, [line for line in careless if "atomic" in line])
    assert not architecture.stale(OTHER_QUESTIONS, questions)
    assert not architecture.stale(WRITERS, writers)
    assert set(OF_THE_PRACTICE) <= others | login_owned


def test_actions_and_models_know_nothing_of_pages():
    assert not architecture.http_in_actions(CODE)


def test_nothing_listens_to_the_saving_of_rows():
    assert not architecture.post_save_receivers(CODE)


@pytest.mark.parametrize(
    "route", [r for r in words.routes(get_resolver().url_patterns) if words.ours(r)], ids=lambda route: route.name
)
def test_a_page_has_one_word_in_five_places(route):
    def exists(path):
        return words.exists(path) or words.exists(TESTED_IN.get(route.word, path))

    assert not list(words.misnamed(route, path_words=WORDLESS, exists=exists, templates=words.templates_of(route)))


def test_files_functions_and_templates_are_short():
    assert not house.too_long(CODE | PAGES | SCRIPTS)


def test_imports_stand_at_the_top():
    assert not house.deferred_imports(CODE)


def test_no_room_is_named_for_nothing():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not house.nameless_rooms(tracked or [*CODE, *TEMPLATES])
    assert not house.strangers({path.split("/")[0] for path in tracked if path.endswith(".py") and path.count("/")})


def test_views_are_functions():
    assert not house.class_views(CODE)


def test_no_except_is_broad():
    assert not house.broad_excepts(CODE)


def test_comments_say_why_and_nothing_else():
    assert not house.gossip(CODE | PAGES | SCRIPTS | SHEETS)


def test_pages_hold_nothing_inline():
    assert not house.inline(PAGES)


def test_mails_hold_no_script_and_no_foreign_picture():
    assert not [line for line in house.inline(MAILS) if not line.endswith(("style attribute", "inline style sheet"))]


def test_every_app_is_in_the_plan():
    assert all((ROOT / app / "apps.py").exists() for app in APPS)
