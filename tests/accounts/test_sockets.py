"""Sockets obey sessions: closed with 4401 when theirs ends, and no frame for anybody after that."""

import asyncio
import json
import time

import pytest
from allauth.usersessions.models import UserSession
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.sessions import SessionMiddlewareStack
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.backends.db import SessionStore
from django.urls import path

from accounts.actions import own_login, sessions
from accounts.actions.access import close_login
from accounts.consumers import LARGEST, PortalConsumer
from accounts.live import announce, user_group
from portal.asgi import application as portal
from portal.origin import is_own

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 2  # seconds, as trust asks
HOST, ORIGIN = b"localhost:8000", b"http://localhost:8000"
in_thread = database_sync_to_async


class EchoConsumer(PortalConsumer):
    """A later storey's socket in small: one command, one kind of news."""

    commands = {"echo": "echo"}

    async def echo(self, command):
        await self.send(json.dumps({"said": command["text"], "to": self.user.email}))

    async def news(self, event):
        await self.send(json.dumps({"news": event["id"]}))


echoing = SessionMiddlewareStack(URLRouter([path("ws/echo/", EchoConsumer.as_asgi())]))


def headers(browser=None, origin=ORIGIN):
    cookies = f"session={browser.cookies['session'].value}".encode() if browser else b""
    return [(b"host", HOST), (b"origin", origin), (b"cookie", cookies)]


def socket(browser, application=echoing, at="/ws/echo/", **more):
    return WebsocketCommunicator(application, at, headers(browser, **more))


@pytest.fixture
def alice(cast, signed_in):
    browser = signed_in(cast.alice)
    key = browser.session.session_key
    UserSession.objects.create(user=cast.alice, session_key=key, ip="127.0.0.1", user_agent="tests")
    return browser


def run(scenario, browser, **more):
    async def connected():
        communicator = socket(browser, **more)
        assert (await communicator.connect())[0]
        await scenario(communicator)
        await communicator.disconnect()

    asyncio.run(connected())


async def closes(communicator, code=4401):
    assert await communicator.receive_output(WITHIN) == {"type": "websocket.close", "code": code}


def test_nobody_and_dead_sessions_are_refused(cast, alice):
    async def scenario():
        assert await socket(None).connect() == (False, 4401)
        await in_thread(alice.session.flush)()
        assert await socket(alice).connect() == (False, 4401)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.example",
        b"null",
        b"",
        b"http://localhost.evil.example:8000",
        b"http://notlocalhost:8000",
        b"http://localhost:8001",
        b"http://localhost",
        b"https://localhost:8000",
        b"ftp://localhost:8000",
        b"http://localhost:8000@evil.example",
    ],
)
def test_s27_a_socket_opened_by_another_site_is_refused(alice, origin):
    async def scenario():
        connected, _ = await socket(alice, portal, "/ws/session/", origin=origin).connect()
        assert not connected

    asyncio.run(scenario())


def test_s27_a_name_that_is_not_ours_is_refused_though_the_page_has_it_too():
    assert is_own([(b"host", HOST), (b"origin", ORIGIN)])
    assert not is_own([(b"host", b"evil.example"), (b"origin", b"http://evil.example")])
    assert not is_own([(b"host", HOST)])


def test_the_portals_own_socket_opens_for_its_own_pages(alice):
    async def scenario(communicator):
        assert await communicator.receive_nothing()

    run(scenario, alice, application=portal, at="/ws/session/")


def log_out(cast, browser):
    browser.post("/account/logout/")


def new_password(cast, browser):
    own_login.note_new_password(by=cast.alice, keep=None, address="127.0.0.1", device="")


def other_password_hash(cast, browser):
    """Changed where nobody announces it, such as by a command; the next frame finds out."""
    cast.alice.set_password("another four calm herons")
    cast.alice.save()
    announce(user_group(cast.alice.pk), type="news", id=1)


def closed(cast, browser):
    close_login(cast.alice, by=None)


def ended_elsewhere(cast, browser):
    sessions.end_session(cast.alice.usersession_set.get(), by=cast.alice)


def all_ended(cast, browser):
    sessions.end_sessions(cast.alice, by=cast.alice)


ENDS = [log_out, new_password, other_password_hash, closed, ended_elsewhere, all_ended]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_s19_s21_the_end_of_a_session_closes_its_sockets_and_nothing_is_delivered(cast, alice, end):
    async def scenario(communicator):
        await in_thread(end)(cast, alice)
        await in_thread(announce)(user_group(cast.alice.pk), type="news", id=2)
        await closes(communicator)
        await communicator.send_to(text_data=json.dumps({"type": "echo", "text": "in flight"}))
        assert await communicator.receive_nothing()

    run(scenario, alice)


def test_the_end_of_another_session_closes_nothing(cast, alice, signed_in):
    other = signed_in(cast.alice).session.session_key
    other = UserSession.objects.create(user=cast.alice, session_key=other, ip="127.0.0.1")

    async def scenario(communicator):
        await in_thread(sessions.end_session)(other, by=cast.alice)
        await in_thread(announce)(user_group(cast.alice.pk), type="news", id=2)
        assert await communicator.receive_json_from() == {"news": 2}

    run(scenario, alice)


@pytest.mark.parametrize("moment", ["active_at", "started_at"])
def test_s20_a_socket_past_idle_or_absolute_expiry_is_closed(alice, monkeypatch, moment):
    assert PortalConsumer.look_every < 60
    monkeypatch.setattr(PortalConsumer, "look_every", 0.05)

    async def scenario(communicator):
        await in_thread(set_back)(alice, moment, 13 * 3600)
        await closes(communicator)

    run(scenario, alice)


def test_s20_the_moment_itself_closes_it(alice):
    """Without waiting for the next look: the socket knows when its session ends."""
    set_back(alice, "active_at", 30 * 60 - 0.5)

    async def scenario(communicator):
        await closes(communicator)

    run(scenario, alice)


def test_s23_a_socket_full_of_traffic_does_not_keep_its_session_alive(alice):
    set_back(alice, "active_at", 60)
    before = SessionStore(alice.session.session_key)["active_at"]

    async def scenario(communicator):
        for number in range(5):
            await communicator.send_to(text_data=json.dumps({"type": "echo", "text": number}))
            assert (await communicator.receive_json_from())["said"] == number

    run(scenario, alice)
    assert SessionStore(alice.session.session_key)["active_at"] == before


@pytest.mark.parametrize(
    "text",
    [" ", "{", "[]", '"echo"', "{}", '{"type": "send"}', '{"type": ["echo"]}', '{"type": "session_ended"}'],
)
def test_what_is_not_a_known_command_closes_the_socket(alice, text):
    async def scenario(communicator):
        await communicator.send_to(text_data=text)
        await closes(communicator, 4400)

    run(scenario, alice)


def test_bytes_and_long_messages_close_the_socket(alice):
    async def long(communicator):
        await communicator.send_to(text_data=json.dumps({"type": "echo", "text": "é" * (LARGEST // 2)}))
        await closes(communicator, 1009)

    async def binary(communicator):
        await communicator.send_to(bytes_data=b'{"type": "echo"}')
        await closes(communicator, 4400)

    run(long, alice)
    run(binary, alice)


def test_after_a_cut_of_the_line_the_page_is_told_to_look_again(cast, alice):
    async def scenario(communicator):
        await in_thread(announce)(user_group(cast.alice.pk), type="resync")
        assert await communicator.receive_json_from() == {"type": "resync"}

    run(scenario, alice)


def test_news_that_this_socket_does_not_know_are_passed_over(cast, alice):
    async def scenario(communicator):
        await in_thread(announce)(user_group(cast.alice.pk), type="something.else", id=1)
        await in_thread(announce)(user_group(cast.alice.pk), type="news", id=2)
        assert await communicator.receive_json_from() == {"news": 2}

    run(scenario, alice)


def set_back(browser, moment, seconds):
    store = SessionStore(browser.session.session_key)
    store[moment] = time.time() - seconds
    store.save()
