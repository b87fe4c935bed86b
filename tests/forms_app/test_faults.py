"""A process that is killed while a form is submitted: it is submitted whole, or not at all."""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import psycopg
import pytest

from tests.portal.stack import HOST, PATIENCE
from tests.uploads.house import House

ASSIGN = """
from accounts.models import Client
from tests.forms_app.house import asked, item, save
from accounts.models import User
form = asked(Client.objects.get(), item("a", required=True), item("b"), url="http://example.org/{n}")
save(form, User.objects.get(is_staff=False), page="p.1", a="typed before")
print(form.pk)
"""
STATE = """
select a.status, (select count(*) from forms_app_questionnaireresponse r where r.assignment_id = a.id),
  (select count(*) from procrastinate_jobs where task_name = 'forms_app.make_pdf'), d.entries ->> 'a', d.revision
from forms_app_assignment a join forms_app_draft d on d.assignment_id = a.id where a.id = %s
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    running = House(tmp_path_factory.mktemp("house"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def form(house, request):
    house.rows("delete from procrastinate_jobs")
    return house.shell(ASSIGN.format(n=request.node.name.partition("[")[0])).split()[-1]


def press_submit(house, form, **answers):
    token, cookie = house.token()
    known = {"csrfmiddlewaretoken": token, "_revision": 1, "_page": "p.2", "_do": "submit", "_shown": ["a", "b"]}
    connection, headers = house.connect(), house.headers()
    headers |= {"Cookie": f"{headers['Cookie']}; {cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    headers |= {"Referer": f"https://{HOST}/forms/{form}/fill/", "Host": HOST}
    connection.request("POST", f"/forms/{form}/fill/", urlencode({**known, **answers}, doseq=True), headers)
    answer = connection.getresponse()
    answer.read()
    return answer


def wait_for(question):
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def waiting(house):
    return house.rows(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
        "and query ilike '%%procrastinate%%'"
    )


def test_killed_in_the_middle_nothing_is_submitted_and_what_was_typed_before_is_there(house, form):
    with psycopg.connect(house.database_url()) as other, ThreadPoolExecutor(1) as sender:
        other.execute("lock table procrastinate_jobs in share row exclusive mode")  # the last thing that it writes
        sending = sender.submit(press_submit, house, form, a="typed last")
        wait_for(lambda: waiting(house))
        house.kill("sockets")
        assert isinstance(sending.exception(), OSError)
    assert house.rows(STATE, form) == [("in_progress", 0, 0, '["typed before"]', 1)]
    house.start_pages()
    assert press_submit(house, form, a="typed last").headers["Location"] == f"/forms/{form}/response/"
    assert house.rows(STATE, form) == [("submitted", 1, 1, '["typed last"]', 2)]


def test_killed_as_soon_as_it_is_submitted_it_is_whole_and_a_second_attempt_changes_nothing(house, form):
    with ThreadPoolExecutor(1) as sender:
        sending = sender.submit(press_submit, house, form, a="typed last")
        wait_for(lambda: house.rows("select 1 from forms_app_questionnaireresponse where assignment_id = %s", form))
        house.kill("sockets")
        sending.exception()
    assert house.rows(STATE, form) == [("submitted", 1, 1, '["typed last"]', 2)]
    house.start_pages()
    assert press_submit(house, form, a="typed later").status in {200, 302}
    assert house.rows(STATE, form) == [("submitted", 1, 1, '["typed last"]', 2)]
