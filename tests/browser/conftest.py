"""Chromium before the real portal. A test fails by itself when the console shows an error, a script breaks, the
content security policy refuses something, or anything is asked of another host."""

import os
import shutil
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.usersessions.models import UserSession
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client, RequestFactory
from playwright.sync_api import expect, sync_playwright

from tests.browser.server import Portal

WIDE, PHONE, NARROW = ({"width": w, "height": h} for w, h in ((1200, 900), (390, 844), (320, 640)))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
# A camera and a microphone that every machine has; whether a page may use them is still asked.
FLAGS += ["--use-fake-device-for-media-stream"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def server(django_db_setup):
    server = Portal()
    server.start()
    yield server
    server.end()


@pytest.fixture(scope="package")
def chromium(django_db_blocker):
    """One browser for all tests here. Not for the session: its loop would be in the way of tests with their own."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # The server's threads may still be busy with one page when the next test has not asked for the database yet.
    with sync_playwright() as playwright, django_db_blocker.unblock():
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def portal(server, transactional_db, settings):
    """The running portal with an empty database, at `portal.url`."""
    settings.PORTAL_URL = server.url
    cache.clear()
    return SimpleNamespace(url=server.url)


@pytest.fixture
def watch(portal):
    """`watch(context)` notes what should never happen in a page; the test fails at its end if anything did."""
    seen = []
    yield lambda context: _watch(context, portal.url, seen)
    assert not seen, "\n".join(seen)


def _watch(context, home, seen):
    def note_console(message):
        # The page itself answered 4xx, which its test has asked about.
        of_page = "Failed to load resource" in message.text and message.location["url"] in pages_refused
        if message.type == "error" and not of_page:
            seen.append(f"console: {message.text} ({message.location['url']})")

    def note_request(request):
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.netloc != urlsplit(home).netloc:
            seen.append(f"request to another host: {request.url}")

    def note_answer(response):
        if response.request.is_navigation_request() and response.status >= 400:
            pages_refused.add(response.url)

    pages_refused = set()
    context.on("console", note_console)
    context.on("request", note_request)
    context.on("response", note_answer)
    context.on("weberror", lambda error: seen.append(f"script: {error.error}"))


@pytest.fixture
def new_context(chromium, portal, watch):
    """`new_context(color_scheme="dark", viewport=NARROW, java_script_enabled=False)` is a fresh browser, watched
    unless the test itself is about something that should never happen."""
    made = []

    def make(*, watched=True, **options):
        known = {"base_url": portal.url, "viewport": WIDE, "locale": "en-US", "timezone_id": "America/New_York"}
        context = chromium.new_context(**{**known, **options})
        context.set_default_timeout(10_000)
        if watched:
            watch(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def context(new_context):
    return new_context()


@pytest.fixture
def page(context):
    return context.new_page()


@pytest.fixture
def dark_page(new_context):
    return new_context(color_scheme="dark").new_page()


@pytest.fixture
def narrow_page(new_context):
    return new_context(viewport=NARROW).new_page()


@pytest.fixture
def plain_page(new_context):
    """A browser with JavaScript switched off."""
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def sign_in(portal):
    """`sign_in(page, user)` gives the page's browser that login's session, with the password just typed; returns it."""

    def sign_in(page, user):
        browser = Client()
        browser.force_login(user)
        request = RequestFactory().get("/")
        request.session = session = browser.session
        request.user = user
        reauthenticate_by_password(request)
        session.save()
        UserSession.objects.create(user=user, session_key=session.session_key, ip="127.0.0.1", user_agent="tests")
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": browser.cookies[name].value, "url": portal.url}])
        return session

    return sign_in


def listens(page):
    """The page's own socket is open, and its scripts have run."""
    expect(page.locator("#session-ends")).to_have_attribute("data-listens", "")


@pytest.fixture
def axe():
    """`axe(page)` finds nothing, or fails with what it found."""

    def run(page):
        # Colours in the middle of a transition are nobody's choice.
        page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
        found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
        assert not found.violations_count, f"{page.url}\n{found.generate_report()}"

    return run
