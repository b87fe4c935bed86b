"""G13, S72: what is known of people is declared field by field, and stays where it belongs."""

import io
import json
import logging
import re
import smtplib
from datetime import date

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail as outbox
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import path, reverse

from accounts.actions.clients import save_client
from accounts.actions.invitations import send_invitation
from accounts.models import Client, Invitation, OutgoingMail, User
from portal import urls
from portal.logs import JSONFormatter, Redact
from tests import factories
from tests import world as worlds
from tests.laws.privacy import leaks, undeclared
from tests.test_isolation import PLAIN, admin_pages, args_of, fresh, url_of

ABOUT_PEOPLE = [
    model
    for app in worlds.APPS
    for model in apps.get_app_config(app).get_models()
    if not hasattr(model, "pgh_tracked_model")
]
HISTORY = [
    model
    for app in worlds.APPS
    for model in apps.get_app_config(app).get_models()
    if hasattr(model, "pgh_tracked_model")
]


def fields_of(model):
    return {field.name for field in [*model._meta.concrete_fields, *model._meta.many_to_many]}


@pytest.mark.parametrize("model", ABOUT_PEOPLE, ids=lambda model: model.__name__)
def test_every_field_says_what_it_tells_about_a_person(model):
    assert not undeclared(model.__name__, fields_of(model), getattr(model, "privacy", {}))


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_the_history_holds_no_field_that_its_row_has_not(model):
    own = {name for name in fields_of(model) if not name.startswith("pgh_")}
    assert own <= set(model.pgh_tracked_model.privacy)


def test_every_table_of_ours_was_looked_at():
    assert len(ABOUT_PEOPLE) > 10 and len(HISTORY) > 5


# The canaries -------------------------------------------------------------------------------

FIRST, LAST, STREET = "Zephyrine", "Quillfeather", "Mockingbird"
ADDRESS, PHONE, BORN = "zephyrine.quillfeather@mockingbird.example", "+1 212 555 7391", date(1961, 2, 28)
TYPED, PASSWORD, CODE = "I dream of thunderstorms", "unguessable heron sentence", "918273"
CANARIES = [FIRST, LAST, STREET, PHONE, "5557391", "1961-02-28", "Feb. 28, 1961", TYPED, PASSWORD, CODE]


@pytest.fixture
def house(cast):
    """The world, with somebody in it whose every field is a canary."""
    worlds.fill(cast)
    cast.zoe = factories.user(f"{FIRST} {LAST}", email=ADDRESS)
    cast.zoe_client = Client(name=f"{FIRST} {LAST}", email=ADDRESS, phone=PHONE, birth_date=BORN)
    save_client(cast.zoe_client, by=cast.olga)
    factories.access(cast.zoe, cast.zoe_client)
    worlds.fill_client(cast.zoe_client, by=cast.olga)
    Client.objects.filter(pk=cast.zoe_client.pk).update(phone=PHONE)
    cast.seats["zoe"] = worlds.fill_login(cast.zoe)
    cast.invitation = send_invitation(
        factories.client(f"{FIRST} {LAST} junior", email=f"junior.{ADDRESS}"), by=cast.olga
    ).invitation
    return cast


@pytest.fixture
def log():
    """Everything that any logger says, down to DEBUG, as it would be written."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JSONFormatter())
    handler.addFilter(Redact())
    root, levels = logging.getLogger(), {}
    for name in ["", *logging.Logger.manager.loggerDict]:
        logger = logging.getLogger(name)
        levels[logger] = (logger.level, logger.propagate)
        if settings.LOGGING["loggers"].get(name, {}).get("propagate", True):
            logger.setLevel(logging.DEBUG)
            logger.propagate = True
    root.addHandler(handler)
    yield lines
    root.removeHandler(handler)
    for logger, (level, propagate) in levels.items():
        logger.setLevel(level)
        logger.propagate = propagate


def explode(request):
    """What a fault of ours looks like: a database error that quotes the value."""
    try:
        with transaction.atomic():
            User.objects.create_user(ADDRESS, name=f"{FIRST} {LAST}")
    except IntegrityError as error:
        raise RuntimeError(f"could not save {FIRST} {LAST}, {TYPED}") from error


class Broken:
    """The portal's own routes, and one that breaks."""

    urlpatterns = [path("explode/", explode, name="explode"), *urls.urlpatterns]
    handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


def walk(house):
    """Look at everything as everybody, and do most things wrong; gives every answer."""
    browsers = [fresh(house.zoe), fresh(house.olga), fresh(house.rhea), fresh(house.bill), Browser()]
    wrong = {
        "password": PASSWORD,
        "login": ADDRESS,
        "email": ADDRESS,
        "code": CODE,
        "name": f"{FIRST} {LAST}",
        "text": TYPED,
        "reason": TYPED,
    }
    for browser in browsers:
        browser.raise_request_exception = False
        for name in PLAIN:
            url = url_of(name, args_of(name, house, "zoe"))
            yield browser.get(url)
            if name != "account_logout":
                yield browser.post(url, wrong)
        yield browser.get("/no-such-page/")
        yield browser.get("/\x00/")
        yield browser.post("/explode/", wrong)
    for url in admin_pages(house, house.zoe_client):
        yield browsers[1].get(url)
        yield browsers[1].post(url, wrong)
    yield browsers[1].get(reverse("admin:index"), {"q": LAST})
    link = reverse("accounts:join", args=[house.invitation.token])
    strict = Browser(enforce_csrf_checks=True)
    yield strict.post(reverse("account_login"), wrong)
    for data in (None, {"password": "x"}, {"password": PASSWORD, "agrees": "on"}, {"password": PASSWORD}):
        yield browsers[4].get(link) if data is None else browsers[4].post(link, data)
    yield browsers[4].get(reverse("account_login"), headers={"Host": "evil.example"})


def table(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return " ".join(map(str, cursor.fetchall()))


def test_s72_g13_after_a_walk_through_everything_nothing_of_anybody_is_where_it_should_not_be(
    house, log, settings, run_jobs
):
    settings.ROOT_URLCONF = Broken
    answers = list(walk(house))
    jobs = table("select args, lock, queueing_lock from procrastinate_jobs")
    run_jobs()
    assert {answer.request["PATH_INFO"] for answer in answers if answer.status_code == 500} == {"/explode/"}
    # The walk is worth something only if it met what could leak.
    assert {200, 302, 400, 403, 404, 500} <= {answer.status_code for answer in answers}
    assert (
        "mail_id" in jobs
        and Session.objects.exists()
        and OutgoingMail.objects.filter(to__endswith=ADDRESS).count() >= 2
    )
    _logs(log.getvalue(), house.invitation.token)
    _addresses(answers)
    _error_pages(answers)
    _tables(jobs)
    _mails()


def _logs(text, token):
    assert "builtins.RuntimeError" in text and "django.db.utils.IntegrityError" in text
    lines = text.splitlines()
    assert len(lines) > 20 and all({"at", "level", "logger", "message"} <= set(json.loads(line)) for line in lines)
    assert not leaks([*CANARIES, ADDRESS, token], {f"log {n}": line for n, line in enumerate(lines)})


def _addresses(answers):
    links = set()
    for answer in answers:
        links.add(answer.headers.get("Location", ""))
        if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
            links |= set(
                re.findall(r'(?:href|src|action|formaction)="(?!mailto:|tel:)([^"]*)"', answer.content.decode())
            )
    assert len(links) > 30
    # What staff search for stands in the address of the answer, by GET; it is theirs, and logs drop queries.
    assert not leaks([*CANARIES, ADDRESS], {link: link for link in links if "q=" not in link})


def _error_pages(answers):
    pages = [
        answer
        for answer in answers
        if answer.status_code in {400, 403, 404, 413, 429, 500} and b"<html" in answer.content
    ]
    strangers = [answer for answer in pages if not _signed_in(answer) or answer.status_code == 500]
    assert {400, 403, 404, 500} <= {answer.status_code for answer in strangers}
    everything = [*CANARIES, ADDRESS, "Traceback", "IntegrityError"]
    assert not leaks(everything, {f"{page.status_code} {n}": page.content.decode() for n, page in enumerate(strangers)})


def _signed_in(answer):
    user = answer.context.get("user") if answer.context else None
    return bool(user and user.is_authenticated)


def _tables(jobs):
    places = {
        "jobs": jobs,
        "job events": table("select * from procrastinate_events"),
        "cache": table("select cache_key, value from portal_cache"),
        "admin log": table("select * from django_admin_log"),
        "throttles": table("select * from accounts_throttle"),
        "sessions": " ".join(_unsigned(session.session_data) for session in Session.objects.all()),
    }
    assert not leaks([*CANARIES, ADDRESS], places)


def _unsigned(text):
    """What is in a row of the table of sessions for somebody who has all of the database, and none of the keys."""
    return signing.loads(text, salt="django.contrib.sessions.SessionStore", serializer=Plain)


class Plain:
    def loads(self, data):
        return data.decode()


def _mails():
    letters = {f"{mail.name} {mail.to}": mail.subject + mail.text + mail.html for mail in OutgoingMail.objects.all()}
    # A mail may give back the address that it goes to, where that is what it is about.
    assert not leaks(
        # The year alone would be met by chance in a token.
        [LAST, STREET, PHONE, "1961-02-28", "28, 1961", "de 1961", TYPED, PASSWORD],
        {name: text.replace(ADDRESS, "") for name, text in letters.items()},
    )
    assert not leaks([FIRST], {mail.to: mail.subject for mail in OutgoingMail.objects.all()})


def test_g13_a_session_is_read_by_the_portal_and_by_nobody_else(house):
    browser = fresh(house.zoe)
    row = Session.objects.get(pk=browser.session.session_key)
    assert row.get_decoded()["_auth_user_id"] == str(house.zoe.pk)
    assert str(house.zoe.pk) not in _unsigned(row.session_data)


def test_g13_the_database_alone_reveals_no_link_and_no_code(house):
    """A copy of the database opens nothing: bodies of mails and kept text are encrypted, tokens are hashed."""
    body = OutgoingMail.objects.get(to=house.invitation.email).text
    assert house.invitation.token in body
    raw = (
        table("select * from accounts_outgoingmail")
        + table("select * from accounts_invitation")
        + table("select * from accounts_keptform")
    )
    raw += table("select * from mfa_authenticator")
    assert house.invitation.token not in raw and f"{FIRST} typed this" not in raw and factories.TOTP_SECRET not in raw


class Refusing:
    """A mail server's answer that quotes the reader."""

    def __call__(self, *_args, **_kwargs):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, f"no mailbox for {FIRST} {LAST}".encode())})


def test_s72_a_mail_servers_refusal_is_not_logged_with_the_address(house, log, run_jobs, monkeypatch):
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", Refusing())
    run_jobs()
    assert OutgoingMail.objects.filter(status="failed").exists() and not outbox.outbox
    assert not leaks([*CANARIES, ADDRESS], {"log": log.getvalue()})


def test_a_fault_in_a_job_is_logged_without_its_words(log):
    logger = logging.getLogger("portal")
    try:
        raise ValueError(f"{FIRST} {LAST}") from KeyError(TYPED)
    except ValueError:
        logger.exception("a job failed")
    assert "builtins.ValueError" in log.getvalue() and "builtins.KeyError" in log.getvalue()
    assert not leaks(CANARIES, {"log": log.getvalue()})


def test_invitations_are_counted_among_the_canaries(house):
    """The walk is worth something only if what it looks for exists."""
    assert Invitation.objects.filter(email__icontains=LAST).exists()
    assert Client.objects.filter(name__contains=LAST, phone=PHONE, birth_date=BORN).exists()
