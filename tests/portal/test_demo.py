"""What the demo shows: its people, signing in by one press, the mailbox; and that none of it exists anywhere else."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from accounts.actions.invitations import accept_invitation, revoke_invitation
from accounts.models import Access, Client, Invitation, OutgoingMail, Practice, ProfileChange, Provider, User
from billing.models import Coverage
from forms_app.models import Alert, Assignment, AssignmentRule, Questionnaire, QuestionnaireResponse, Review
from portal.demo import actions, summary
from portal.demo.people import BY_KEY, LOGINS, PASSWORD, STAFF
from tests import factories
from uploads.models import Export, RequestTemplate, Upload, UploadRequest

ROOT = Path(__file__).parents[2]
PAGES = ["/demo/", "/demo/sign-in/", "/demo/mail/"]
ROLES = ["client", "guardian", "clinician", "reception", "biller", "owner"]


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """A filled demo, made once: each test's own transaction rolls back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        actions.fill()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(filled, db, settings):
    """A filled demo, with the demo's paths."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.portal.demo_urls"


def counted():
    return {model: model.objects.count() for model in (User, Client, Access, Invitation, OutgoingMail, Provider)}


# -- nowhere else ----------------------------------------------------------------------------------

ASK = """
import sys, django
from django.urls import Resolver404, resolve
django.setup()
for path in sys.argv[1:]:
    try:
        print(path, resolve(path))
    except Resolver404:
        print("nothing")
"""


def production():
    lines = (ROOT / "tests" / "production.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("environment", [production(), {"PORTAL_ENV": "test"}], ids=["production", "test"])
def test_no_other_portal_has_the_demos_paths(environment):
    known = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings", **environment}
    done = subprocess.run([sys.executable, "-c", ASK, *PAGES], cwd=ROOT, env=known, capture_output=True, text=True)
    assert done.stdout.split() == ["nothing"] * len(PAGES), done.stderr


@pytest.mark.parametrize("wrong", [{"DEMO": False}, {"PRODUCTION": True}], ids=["no demo", "production"])
@pytest.mark.parametrize("path", PAGES)
def test_where_the_paths_were_included_by_mistake_the_pages_still_refuse(demo, settings, client, wrong, path):
    for name, value in wrong.items():
        setattr(settings, name, value)
    ask = client.post if path == "/demo/sign-in/" else client.get
    assert ask(path, {"as": "owner"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_the_command_runs_only_as_a_demo():
    environment = {**os.environ, "PORTAL_ENV": "test"}
    done = subprocess.run(
        [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, "CommandError: The demo runs only with PORTAL_ENV=demo.\n")


# -- its people ------------------------------------------------------------------------------------


def test_filling_twice_changes_nothing(demo):
    Practice.objects.update(name="Renamed by somebody")
    before = counted()
    actions.fill()
    assert counted() == before
    assert Practice.current().name == "Renamed by somebody"


def test_its_papers_cover_every_state(demo, run_jobs):
    run_jobs()
    asked, sent = UploadRequest.objects, Upload.objects
    assert set(asked.values_list("status", flat=True)) == set(UploadRequest.Status.values)
    assert asked.overdue(timezone.localdate()).exists()
    assert set(sent.values_list("status", flat=True)) == {"available", "rejected"}
    ours = sent.filter(source="practice")
    assert ours.filter(shared_at=None).exists() and ours.exclude(shared_at=None).exists()
    assert sent.unopened().exists() and sent.exclude(opened_at=None).exists() and sent.exclude(preview="").exists()
    assert RequestTemplate.objects.filter(pack="New client pack").count() > 1
    assert {"proposed", "rejected"} <= set(ProfileChange.objects.values_list("status", flat=True))
    assert set(Coverage.objects.values_list("status", flat=True)) == {"active", "cancelled", "draft"}
    assert Client.objects.exclude(picture="").exists()
    assert Export.objects.get().status == "ready"


def test_its_forms_cover_every_state(demo):
    assert set(Assignment.objects.values_list("status", flat=True)) == set(Assignment.Status.values)
    assert Questionnaire.objects.active().count() == 8
    assert Assignment.objects.overdue(timezone.localdate()).exists()
    assert AssignmentRule.objects.filter(is_active=True).exists()
    assert Alert.objects.unseen().exists()
    assert Review.objects.exclude(comments={}).exists()
    assert QuestionnaireResponse.objects.filter(is_signed=True).exists()
    clara = QuestionnaireResponse.objects.filter(client__name="Clara Benning", scores__has_key="44261-6")
    scores = [response.scores["44261-6"] for response in clara.order_by("submitted_at")]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 3


def test_its_people_cover_the_portal(demo):
    practice = Practice.current()
    assert practice.name and practice.phone and practice.address and practice.opening_hours and practice.notice
    assert {login.key for login in LOGINS} >= set(ROLES)
    grace = User.objects.get(email=BY_KEY["guardian"].email)
    assert [person.first_name for person in Client.objects.visible_to(grace).order_by("name")] == ["Finn", "Poppy"]
    paul = User.objects.get(email=BY_KEY["partner"].email)
    assert set(paul.access.get().areas) == {"appointments", "billing"}
    assert Client.objects.filter(access=None).exists() and Client.objects.exclude(archived_at=None).exists()
    assert all(provider.credentials for provider in Provider.objects.all())
    now = timezone.now()
    assert {str(one.state_at(now)) for one in Invitation.objects.all()} == {
        "Sent", "Opened", "Joined", "Expired", "Revoked", "Could not be delivered",
    }  # fmt: skip
    maren = User.objects.get(email=BY_KEY["clinician"].email)
    assert 0 < Client.objects.visible_to(maren).count() < Client.objects.count()


def test_its_people_are_invented(demo):
    addresses = [*User.objects.values_list("email", flat=True), *Client.objects.values_list("email", flat=True)]
    assert all(address.endswith("example.com") for address in addresses if address)
    phones = [*Client.objects.values_list("phone", flat=True), Practice.current().phone]
    assert all(re.fullmatch(r"\+1 \d{3} 555 01\d\d", phone) for phone in phones if phone)


def test_its_password_is_one_that_the_portal_would_accept(demo):
    for login in LOGINS:
        validate_password(PASSWORD, User.objects.get(pk=login.id))


def test_the_undeliverable_invitation_says_what_the_mail_server_said(demo):
    invitation = Invitation.objects.get(status=Invitation.Status.UNDELIVERABLE)
    assert "User unknown" in OutgoingMail.objects.get(client=invitation.client).error


# -- the open invitation ---------------------------------------------------------------------------


def test_the_open_invitation_stays_the_same_while_it_is_usable(demo):
    assert actions.open_invitation() == actions.open_invitation()


def accepted(invitation):
    accept_invitation(invitation, password=factories.PASSWORD)


def expired(invitation):
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() + timedelta(hours=1))


def revoked(invitation):
    revoke_invitation(invitation, by=None)


@pytest.mark.parametrize("end", [accepted, expired, revoked])
def test_a_used_invitation_is_followed_by_a_new_one(demo, client, end):
    first = actions.open_invitation()
    end(first)
    second = actions.open_invitation()
    assert second.token != first.token and second.can_be_accepted_at(timezone.now() + timedelta(hours=23))
    assert client.get(f"/join/{second.token}/").status_code == 200


# -- one press -------------------------------------------------------------------------------------


def test_everybody_is_one_press_away(demo, client):
    page = client.get("/demo/").content.decode()
    for login in LOGINS:
        assert f"Sign in as {login.name}" in page and login.email in page
    assert "exists only in the demo" in page and PASSWORD in page


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login.key)
def test_one_press_signs_in_past_password_and_second_step(demo, login):
    browser = Browser()
    answer = browser.post("/demo/sign-in/", {"as": login.key}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == ("/admin/" if login in STAFF else "/")
    assert answer.context["user"].pk == login.id
    request = RequestFactory().get("/")
    request.session = browser.session
    methods = {record["method"] for record in get_authentication_records(request, User.objects.get(pk=login.id))}
    assert methods == ({"password", "mfa"} if login in STAFF else {"password"})


def test_a_press_by_somebody_signed_in_makes_a_new_session(demo, client):
    client.post("/demo/sign-in/", {"as": "owner"})
    before = client.session.session_key
    client.post("/demo/sign-in/", {"as": "client"})
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(BY_KEY["client"].id)


def test_a_link_or_another_site_cannot_press(demo):
    assert Browser().get("/demo/sign-in/?as=owner").status_code == 405
    assert Browser(enforce_csrf_checks=True).post("/demo/sign-in/", {"as": "owner"}).status_code == 403


@pytest.mark.parametrize("who", ["", "nobody", "\x00"])
def test_only_the_demos_people_can_be_pressed(demo, client, who):
    assert client.post("/demo/sign-in/", {"as": who}).status_code == 404


def test_someone_who_closed_a_login_keeps_it_closed(demo, client):
    User.objects.filter(pk=BY_KEY["client"].id).update(is_active=False)
    assert client.post("/demo/sign-in/", {"as": "client"}).status_code == 404


def test_the_ribbon_lies_on_every_page_of_a_demo_and_of_no_other(demo, client, settings):
    assert "demo-ribbon" not in client.get("/account/login/").content.decode()
    engine = settings.TEMPLATES[0]
    processors = [*engine["OPTIONS"]["context_processors"], "portal.demo.context.ribbon"]
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "context_processors": processors}}]
    assert 'href="/demo/"' in client.get("/account/login/").content.decode()


# -- the mailbox -----------------------------------------------------------------------------------


def test_the_mailbox_lists_the_newest_first(demo, client):
    actions.open_invitation()
    page = client.get("/demo/mail/").context["page"]
    assert page[0].to == "robin@example.com"
    assert [mail.created_at for mail in page] == sorted((mail.created_at for mail in page), reverse=True)


def test_an_empty_mailbox_says_so(demo, client):
    OutgoingMail.objects.all().delete()
    assert "No mail yet" in client.get("/demo/mail/").content.decode()


def test_a_long_mailbox_has_pages(demo, client):
    template = OutgoingMail.objects.first()
    OutgoingMail.objects.bulk_create(
        OutgoingMail(name="x/y", to="x@example.com", subject=f"{n}", text="", html=template.html) for n in range(60)
    )
    assert "?page=2" in client.get("/demo/mail/").content.decode()
    assert client.get("/demo/mail/?page=2").context["page"].object_list
    assert client.get("/demo/mail/?page=x").status_code == 200


def test_the_link_works_from_the_text(demo, client):
    invitation = actions.open_invitation()
    mail = OutgoingMail.objects.filter(client=invitation.client).latest("created_at")
    page = client.get(f"/demo/mail/{mail.pk}/").content.decode()
    (link,) = re.findall(r'<a href="(http[^"]+)"', page)
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_a_mails_html_can_do_nothing_but_lead_to_a_link_that_is_pressed(demo, client):
    evil = "<html><head></head><body><script>alert(1)</script><form action=/x></form></body></html>"
    mail = OutgoingMail.objects.create(name="x/y", to="x@example.com", subject="<b>", text="<script>", html=evil)
    answer = client.get(f"/demo/mail/{mail.pk}/html/")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["sandbox"] == "allow-top-navigation-by-user-activation"
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert "script-src" not in policy and policy["frame-ancestors"] == "'self'"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    around = client.get(f"/demo/mail/{mail.pk}/")
    assert "frame-src 'self'" in around["Content-Security-Policy"]
    assert "&lt;script&gt;" in around.content.decode() and "alert(1)" not in around.content.decode()


def test_a_mail_that_is_not_there_is_not_found(demo, client):
    assert client.get("/demo/mail/00000000-0000-0000-0000-000000000000/").status_code == 404


# -- what it tells ---------------------------------------------------------------------------------


def test_words_and_facts_hold_the_same(demo):
    told = summary.Summary.of(actions.open_invitation().token)
    facts, words = told.facts(), told.words()
    for name in ("portal", "admin", "mail", "invitation"):
        assert facts[name].startswith("http://127.0.0.1:") and facts[name] in words
    assert set(facts["logins"]) >= set(ROLES)
    for key, login in facts["logins"].items():
        assert login["email"] in words and login["password"] in words
        assert ("totp_secret" in login) == bool(BY_KEY[key].role)


def test_it_tells_the_address_that_somebody_changed(demo):
    User.objects.filter(pk=BY_KEY["client"].id).update(email="clara.new@example.com")
    told = summary.Summary.of("token")
    assert told.facts()["logins"]["client"]["email"] == "clara.new@example.com"
    assert "clara.new@example.com" in told.words()
