"""Where a provider's own video link may lead: tables of what is allowed, and of what only looks like it."""

import pytest

from appointments.models.services import default_video_hosts
from appointments.video_links import is_allowed, is_host

HOSTS = ["zoom.us", "meet.google.com"]


@pytest.mark.parametrize(
    "url",
    [
        "https://zoom.us/j/123?pwd=abc#x",
        "https://us02web.zoom.us/j/123",
        "https://ZOOM.us/j/123",
        "HTTPS://zoom.us",
        "https://zoom.us:443/j/1",
        "https://meet.google.com/abc-defg-hij",
    ],
)
def test_https_on_a_host_of_the_list_or_one_under_it(url):
    assert is_allowed(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "zoom.us/j/123",
        "//zoom.us/j/123",
        "http://zoom.us/j/123",
        "ftp://zoom.us/",
        "javascript:alert(1)//zoom.us",
        "data:text/html,https://zoom.us",
        "https://evil.example/",
        "https://evilzoom.us/",
        "https://zoom.us.evil.example/",
        "https://evil.example/zoom.us",
        "https://evil.example?https://zoom.us",
        "https://evil.example#@zoom.us",
        "https://zoom.us@evil.example/",
        "https://me:secret@zoom.us/",
        "https://@zoom.us/",
        "https://evil.example\\@zoom.us/",
        "https:\\\\zoom.us/",
        "https://evil.example\\.zoom.us/",
        "https://zoom.us\t.evil.example/",
        "https://zoom.us\n/",
        " https://zoom.us/",
        "https://zoom.us /",
        "https://zoom.us\x00/",
        "https://zoom.us./",
        "https://zoom.us:8443/",
        "https://zoom.us:x/",
        "https://zoom.us:99999/",
        "https://.zoom.us/",
        "https://-a.zoom.us/",
        "https://a_b.zoom.us/",
        "https://ｚoom.us/",
        "https://zооm.us/",
        "https://zoom。us/",
        "https://google.com/",
        "https://[::1]/",
        "https://[zoom.us]/",
        "https://127.0.0.1/",
        "https:///zoom.us",
        "https://",
    ],
)
def test_whatever_a_browser_would_open_elsewhere_is_refused(url):
    assert not is_allowed(url, HOSTS)


def test_without_a_list_nothing_is_allowed():
    assert not is_allowed("https://zoom.us/j/1", [])


@pytest.mark.parametrize(
    "name", ["zoom.us", "us02web.zoom.us", "xn--bcher-kva.example", "a.b-c.de", *default_video_hosts()]
)
def test_names_of_sites(name):
    assert is_host(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "us",
        "localhost",
        ".us",
        "zoom.us.",
        "https://zoom.us",
        "zoom.us/j",
        "zoom us",
        "-a.us",
        "a-.us",
        "*.zoom.us",
        "127.0.0.1",
        "ZOOM.us",
        "zoom.us\n",
        "a" * 64 + ".us",
        "a." * 70 + "us",
    ],
)
def test_what_is_no_name_of_a_site(name):
    assert not is_host(name)
