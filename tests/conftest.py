"""The cast. Alice and Bob are clients; Gina is guardian of Timo and Lena; Dana treats Alice; Rhea is
reception, Bill bills, Olga owns the practice."""

from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test import TransactionTestCase, override_settings
from django.utils import timezone, translation

from tests import factories
from tests.world import fill

# Filled by migrations, and changed by no test.
FIXED = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


# Where tests wait for browsers, servers and killed processes.
SLOW = ("tests/browser/", "tests/portal/", "tests/test_", "tests/uploads/")


# Where a busy machine now and then loses a press of a real browser, or a moment of a real process.
REAL = ("tests/browser/", "tests/portal/test_demo_process.py")


def pytest_collection_modifyitems(items):
    """The slow ones first: what runs side by side ends at the same time, and not one long after the other.

    What drives real programs may fail once; the end of the report names it. What fails twice has failed.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))
    for item in items:
        if item.nodeid.startswith(REAL):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Tests with real transactions leave empty tables and the roles, a hundred times faster than Django's flush."""
    TransactionTestCase._fixture_teardown = lambda self: empty_tables()


def empty_tables():
    names = connection.introspection.table_names()
    deletes = "; ".join(f'delete from "{name}"' for name in names if name not in FIXED)
    with transaction.atomic(), connection.cursor() as cursor:
        # No triggers: the order of the tables does not matter, and what is append-only goes too.
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(deletes)


@pytest.fixture(scope="session", autouse=True)
def media(tmp_path_factory):
    """Files of the tests, in a folder that goes with them."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture(autouse=True)
def english():
    """No test goes on in the language, or in the time zone, of the page that the test before it asked for."""
    with translation.override("en"), timezone.override(None):
        yield


@pytest.fixture
def practice(db):
    factories.documents()
    return factories.practice()


@pytest.fixture
def cast(practice):
    """Everybody, with rows of each that could leak to another."""
    return _cast(practice)


def _cast(practice):
    c = SimpleNamespace(practice=practice)
    c.alice, c.bob, c.gina = (factories.user(name) for name in ("Alice Adams", "Bob Brown", "Gina Gray"))
    c.alice_client, c.bob_client = factories.client("Alice Adams"), factories.client("Bob Brown")
    c.timo, c.lena = (factories.client(name, email="gina@example.com") for name in ("Timo Gray", "Lena Gray"))
    factories.access(c.alice, c.alice_client)
    factories.access(c.bob, c.bob_client)
    for child in (c.timo, c.lena):
        factories.access(c.gina, child, "guardian")
    c.dana = factories.staff("Dana Diaz", "Clinician")
    c.rhea = factories.staff("Rhea Reed", "Scheduler")
    c.bill = factories.staff("Bill Burns", "Biller")
    c.olga = factories.staff("Olga Owens", "Owner")
    c.dana_provider = factories.provider(c.dana, credentials="RD")
    factories.assigned(c.alice_client, c.dana_provider)
    return c


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The cast with something of everybody's in every table (tests/world.py), made once for all tests of a file.

    Each test's own transaction rolls back to it; ask for `db` beside it.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        factories.documents()
        yield fill(_cast(factories.practice()))
        transaction.set_rollback(True)


@pytest.fixture
def signed_in():
    """`signed_in(user)` is a browser with that login's session."""

    def sign_in(user):
        browser = Browser()
        browser.force_login(user)
        return browser

    return sign_in


@pytest.fixture
def run_jobs(db):
    """`run_jobs()` does every waiting job now, in this transaction, and returns how many."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    def run(due_only=False):
        done = 0
        while job := ProcrastinateJob.objects.filter(
            status="todo", **({"scheduled_at": None} if due_only else {})
        ).first():
            # Claimed the way a worker does it; the table itself is read-only for Django.
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("delete from procrastinate_jobs where id = %s", [job.pk])
            app.tasks[job.task_name].func(**job.args)
            done += 1
        return done

    return run
