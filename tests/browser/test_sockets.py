"""Real websockets through the real server, as a page opens them."""

import pytest
from playwright.sync_api import expect

from accounts.actions import sessions

# What happens to a socket is written into the page.
OPEN = """(address) => {
  const note = (word) => { document.title += ` ${word}`; };
  document.title = "heard:";
  const socket = new WebSocket(address);
  socket.onopen = () => note("open");
  socket.onmessage = ({ data }) => note(data);
  socket.onclose = ({ code }) => note(code);
}"""
# A page without a session, and so without a socket of its own.
PAGE = "/account/signup/"
WITHIN = 2000  # milliseconds


@pytest.fixture
def listen(portal):
    return lambda page: page.evaluate(OPEN, portal.url.replace("http", "ws") + "/ws/session/")


def test_s19_the_code_of_the_close_says_that_the_session_ended(page, cast, sign_in, listen):
    page.goto(PAGE)
    sign_in(page, cast.alice)
    listen(page)
    expect(page).to_have_title("heard: open")
    sessions.end_sessions(cast.alice, by=cast.alice)
    expect(page).to_have_title("heard: open 4401", timeout=WITHIN)


def test_signed_out_there_is_no_socket(new_context, practice, listen):
    page = new_context(watched=False).new_page()
    page.goto(PAGE)
    listen(page)
    expect(page).to_have_title("heard: 1006")


def test_s27_a_page_of_another_origin_gets_no_socket(new_context, portal, cast, sign_in, listen):
    """The same machine under another name is another site."""
    page = new_context(watched=False, bypass_csp=True).new_page()
    sign_in(page, cast.alice)
    page.goto(portal.url.replace("localhost", "127.0.0.1") + PAGE)
    listen(page)
    expect(page).to_have_title("heard: 1006")
