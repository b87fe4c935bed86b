"""The idle time-out: by the clock, whatever machines do meanwhile; what was typed is kept."""

import json
import re
import time

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import lifetime
from accounts.actions import kept_forms
from accounts.middleware import path_of
from accounts.models import KeptForm, SecurityEvent
from tests import factories

LOGIN = reverse("account_login")
# Any private page with a form will do.
FORM = "/account/email/"


def set_back(browser, **seconds):
    """The session as it would be that much later."""
    session = browser.session
    for moment, ago in seconds.items():
        session[moment] = time.time() - ago
    session.save()


def is_signed_in(browser):
    return "_auth_user_id" in browser.session


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize(("minutes", "stays"), [(29, True), (31, False)])
def test_a_client_is_signed_out_after_half_an_hour_without_activity(cast, signed_in, minutes, stays):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=minutes * 60)
    answer = browser.get("/")
    assert (answer.status_code == 200) is stays
    assert is_signed_in(browser) is stays


@pytest.mark.parametrize(("minutes", "stays"), [(14, True), (16, False)])
def test_staff_are_signed_out_after_a_quarter_of_an_hour(cast, signed_in, minutes, stays):
    browser = signed_in(cast.rhea)
    set_back(browser, active_at=minutes * 60)
    assert (browser.get("/admin/").status_code == 200) is stays


@pytest.mark.parametrize("who", ["alice", "rhea"])
def test_the_practice_sets_how_long(cast, signed_in, who):
    factories.practice(client_idle_minutes=5, staff_idle_minutes=5)
    browser = signed_in(getattr(cast, who))
    set_back(browser, active_at=6 * 60)
    assert browser.get("/account/session/")["Location"].startswith(LOGIN)


def test_after_twelve_hours_activity_does_not_help(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, started_at=12 * 3600 + 1, active_at=1)
    assert browser.get("/")["Location"] == f"{LOGIN}?next=/"


def test_the_end_says_why_leaves_a_trace_and_leads_back(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    answer = browser.get("/?person=1")
    assert answer["Location"] == f"{LOGIN}?next=/%3Fperson%3D1"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "no activity" in said(answer)[0]
    assert SecurityEvent.objects.filter(user=cast.alice, kind="timed_out").count() == 1


def test_on_a_page_for_everybody_the_session_ends_all_the_same(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    answer = browser.get(LOGIN)
    assert answer.status_code == 200
    assert not is_signed_in(browser)


def test_activity_is_noted_but_not_at_every_click(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=30)
    before = browser.session["active_at"]
    browser.get("/")
    assert browser.session["active_at"] == before
    set_back(browser, active_at=61)
    browser.get("/")
    assert time.time() - browser.session["active_at"] < 30


@pytest.mark.parametrize("minutes", [1, 15, 30, 120])
def test_somebody_who_clicks_on_is_never_signed_out(minutes):
    session, now = {}, 0.0
    lifetime.begin(session, now)
    while now < 10 * 3600:
        now += minutes * 60 * 0.96
        assert not lifetime.left(session, minutes, now).over
        lifetime.note_activity(session, minutes, now)


MACHINES = {
    "the page asking how long": lambda browser: browser.get("/account/session/"),
    "text being kept": lambda browser: browser.post(
        "/account/session/keep/", {"page": "/x/", "fields": '{"a": ["b"]}'}
    ),
    "a prefetch": lambda browser: browser.get("/", headers={"sec-purpose": "prefetch;prerender"}),
    "an older prefetch": lambda browser: browser.get("/", headers={"purpose": "prefetch"}),
    "an autosave timer": lambda browser: browser.get("/", headers={"x-passive": "1"}),
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("who", "minutes"), [("alice", 31), ("rhea", 16)])
def test_s23_machines_do_not_keep_a_session_alive(cast, signed_in, who, minutes, machine):
    """Asked once a minute on a moved clock, until the time is over."""
    browser = signed_in(getattr(cast, who))
    for minute in range(minutes - 1):
        set_back(browser, active_at=minute * 60)
        before = browser.session["active_at"]
        MACHINES[machine](browser)
        assert browser.session["active_at"] == before
    set_back(browser, active_at=minutes * 60)
    browser.get("/account/session/")
    assert not is_signed_in(browser)


def test_the_page_learns_how_long_it_has(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=20 * 60)
    answer = browser.get("/account/session/").json()
    assert 598 < answer["seconds"] <= 600
    assert answer["canStay"]
    assert answer["user"] == str(cast.alice.pk)
    set_back(browser, active_at=0, started_at=12 * 3600 - 90)
    answer = browser.get("/account/session/").json()
    assert 88 < answer["seconds"] <= 90
    assert not answer["canStay"]


def test_staying_counts_at_once(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=20)
    assert browser.post("/account/session/stay/").json()["seconds"] > 1799
    assert browser.get("/account/session/stay/").status_code == 405


def test_every_page_carries_the_warning(cast, signed_in):
    page = signed_in(cast.alice).get("/").content.decode()
    assert 'id="session-ends"' in page
    assert "session.js" in page


def test_nobody_signed_out_carries_it(client, practice):
    assert "session-ends" not in client.get(LOGIN).content.decode()


# What was typed -------------------------------------------------------------------------------


def too_late(browser, fields, **options):
    set_back(browser, active_at=31 * 60)
    headers = {"referer": f"http://testserver{FORM}?step=2"}
    return browser.post(FORM, fields, headers=headers, **options)


def signed_in_again(browser, email="alice@example.com"):
    return browser.post(LOGIN, {"login": email, "password": factories.PASSWORD})


def test_what_is_sent_too_late_is_kept_and_shown_on_its_page(cast, signed_in):
    browser = signed_in(cast.alice)
    answer = too_late(browser, {"reason": "I have a cold <b>", "wish": ["Mon", "Tue"]})
    assert answer["Location"] == f"{LOGIN}?next={FORM}%3Fstep%3D2"
    signed_in_again(browser)
    page = browser.get(FORM).content.decode()
    assert "We kept what you typed" in page
    assert re.search(r'<dt>Reason</dt>\s*<dd data-name="reason">I have a cold &lt;b&gt;</dd>', page)
    assert page.count('<dd data-name="wish">') == 2
    assert "We kept" not in browser.get("/").content.decode()


def test_it_is_nobody_elses(cast, signed_in):
    browser = signed_in(cast.alice)
    too_late(browser, {"reason": "I have a cold"})
    signed_in_again(browser, "bob@example.com")
    assert "I have a cold" not in browser.get(FORM).content.decode()


def test_it_is_encrypted_where_it_waits(cast, signed_in):
    too_late(signed_in(cast.alice), {"reason": "I have a cold"})
    with connection.cursor() as cursor:
        cursor.execute("select fields from accounts_keptform")
        assert "cold" not in cursor.fetchone()[0]


def test_secrets_are_never_kept(cast, signed_in):
    secrets = ["password", "password1", "oldpassword", "code", "credential", "csrfmiddlewaretoken", "next", "_save"]
    too_late(signed_in(cast.alice), {**dict.fromkeys(secrets, "x"), "form-TOTAL_FORMS": "1", "initial-a": "x"})
    assert not KeptForm.objects.exists()
    kept_forms.keep("/x/", [("postcode", ["10001"]), ("zip_code", ["10001"])], by=cast.alice)
    assert set(json.loads(KeptForm.objects.get().fields)) == {"postcode", "zip_code"}


def test_a_page_for_everybody_keeps_nothing(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    browser.post(LOGIN, {"login": "somebody@example.com", "password": "x"})
    assert not KeptForm.objects.exists()


def test_once_the_page_was_sent_it_is_dropped(cast, signed_in):
    kept_forms.keep(FORM, [("email", ["new@example.com"])], by=cast.alice)
    kept_forms.keep("/other/", [("a", ["b"])], by=cast.alice)
    browser = signed_in(cast.alice)
    refused = browser.post(
        FORM, {"email": "nonsense", "action_add": ""}, headers={"referer": f"http://testserver{FORM}"}
    )
    assert refused.status_code in {200, 422}
    assert KeptForm.objects.filter(path=FORM).exists()
    browser.post("/account/session/forget/", headers={"referer": f"http://testserver{FORM}"})
    assert [kept.path for kept in KeptForm.objects.all()] == ["/other/"]
    assert "We kept" not in browser.get(FORM).content.decode()


def test_other_pages_pay_no_query_for_it(cast, signed_in, django_assert_num_queries):
    browser = signed_in(cast.alice)
    with CaptureQueriesContext(connection) as before:
        browser.get("/")
    kept_forms.keep(FORM, [("email", ["new@example.com"])], by=cast.alice)
    browser = signed_in(cast.alice)
    with django_assert_num_queries(len(before)):
        browser.get("/")


def test_the_page_itself_has_its_text_kept(cast, signed_in):
    browser = signed_in(cast.alice)
    fields = json.dumps({"reason": ["I have a cold"], "password": ["x"]})
    assert browser.post("/account/session/keep/", {"page": FORM, "fields": fields}).status_code == 204
    assert json.loads(KeptForm.objects.get(path=FORM).fields) == {"reason": ["I have a cold"]}
    browser.post("/account/session/keep/", {"page": FORM, "fields": "{}"})
    assert not KeptForm.objects.exists()


def test_it_may_be_kept_after_the_end_and_that_does_not_end_the_session_for_other_tabs(cast, signed_in):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=3 * 3600)
    for page in ("/one/", "/two/"):
        assert browser.post("/account/session/keep/", {"page": page, "fields": '{"a": ["b"]}'}).status_code == 204
    assert KeptForm.objects.count() == 2
    assert browser.get("/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize("fields", ["", "{", "[]", '"a"', '{"a": 1}', None])
def test_nonsense_is_refused(cast, signed_in, fields):
    sent = {"page": "/x/"} if fields is None else {"page": "/x/", "fields": fields}
    assert signed_in(cast.alice).post("/account/session/keep/", sent).status_code == 400


def test_not_more_than_a_person_types(cast):
    for number in range(25):
        kept_forms.keep(f"/{number}/", [("a", ["b"])], by=cast.alice)
    kept_forms.keep("/long/", [("a", ["b" * 2_000_000])], by=cast.alice)
    kept = set(KeptForm.objects.values_list("path", flat=True))
    assert len(kept) == kept_forms.MOST_PAGES
    assert "/24/" in kept
    assert "/long/" not in kept


def test_after_a_month_it_is_gone(cast):
    kept_forms.keep("/x/", [("a", ["b"])], by=cast.alice)
    kept_forms.clear_old()
    assert KeptForm.objects.exists()
    KeptForm.objects.update(kept_at=KeptForm.objects.get().kept_at - kept_forms.KEPT_FOR)
    kept_forms.clear_old()
    assert not KeptForm.objects.exists()


@pytest.mark.parametrize(
    ("referer", "lands"),
    [
        (f"http://testserver{FORM}?step=2", f"{FORM}%3Fstep%3D2"),
        ("http://evil.example/x/", FORM),
        ("http://testserver//evil.example/x/", "/evil.example/x/"),
        ("http://testserver\\@evil.example/", FORM),
        ("nonsense", FORM),
        ("", FORM),
    ],
)
def test_s25_the_way_back_never_leaves_the_host(cast, signed_in, referer, lands):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    answer = browser.post(FORM, {"reason": "x"}, headers={"referer": referer})
    assert answer["Location"] == f"{LOGIN}?next={lands}"


def test_paths_are_known_as_django_knows_them():
    assert path_of("/caf%C3%A9/%00x/?a=b") == "/café/x/"
