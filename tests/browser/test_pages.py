"""Every page of the portal, in light and dark and at 320 px: nothing for axe to find, one heading, landmarks,
a way past the navigation, no scrolling sideways."""

import pytest
from django.urls import URLPattern, get_resolver

from tests.browser.conftest import NARROW, WIDE
from tests.browser.pages import NO_PAGES, PAGES

OUTLINE = """() => ({
  title: document.title.trim(),
  lang: document.documentElement.lang,
  headings: [...document.querySelectorAll("h1")].map(h => h.textContent.trim()),
  mains: document.querySelectorAll("main, [role=main]").length,
  banner: document.querySelectorAll("body > header, [role=banner], #header").length,
  skips: document.querySelector("a[href]").getAttribute("href"),
})"""


@pytest.mark.parametrize("entry", PAGES, ids=str)
def test_page_is_accessible_in_light_dark_and_at_320_px(entry, page, cast, sign_in, axe):
    status = entry.open(page, cast, sign_in)
    assert status in {None, entry.status}
    has_outline(page)
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "scrolls sideways at 320 px"


def has_outline(page):
    outline = page.evaluate(OUTLINE)
    assert outline["title"]
    assert outline["lang"]
    assert len(outline["headings"]) == 1
    assert outline["headings"][0]
    assert outline["mains"] == 1
    assert outline["banner"] == 1
    assert page.locator(f"main{outline['skips']}, main {outline['skips']}").count() == 1, "no way past the navigation"


def is_accessible(page, url, axe):
    """Light and wide, dark and narrow: axe finds nothing, and nothing scrolls sideways."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    assert page.goto(url).status == 200, url
    has_outline(page)
    axe(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{url} scrolls sideways"


def test_a_page_that_breaks_says_so_in_our_own_look(page, cast, sign_in, axe, monkeypatch):
    monkeypatch.setattr("portal.views.CARDS", None)
    sign_in(page, cast.alice)
    assert page.goto("/").status == 500
    has_outline(page)
    axe(page)


def test_every_page_of_the_portal_is_walked():
    walked = {entry.view for entry in PAGES} | NO_PAGES
    assert set(names(get_resolver())) - walked == set(), "each needs a line in tests/browser/pages.py"
    assert {view for view in walked if not view[0].isdigit()} - set(names(get_resolver())) == set(), (
        "no such page any more"
    )


def names(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or str(pattern.pattern))
        elif pattern.namespace != "admin":
            yield from names(pattern, prefix + (f"{pattern.namespace}:" if pattern.namespace else ""))
