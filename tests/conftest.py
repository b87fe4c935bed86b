"""The cast. Alice and Bob are clients; Gina is guardian of Timo and Lena; Dana treats Alice; Rhea is
reception, Bill bills, Olga owns the practice."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate
from django.test import Client as Browser

from accounts.permissions import ROLES, grant_roles
from tests import factories


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Emptying the tables after a test with real transactions takes the roles along, which a migration made."""
    post_migrate.connect(roles_again, sender=apps.get_app_config("accounts"))


def roles_again(**_):
    for app_label in {grant.split(".")[0] for grants in ROLES.values() for grant in grants}:
        grant_roles(apps, app_label)


@pytest.fixture
def practice(db):
    factories.documents()
    return factories.practice()


@pytest.fixture
def cast(practice):
    """Everybody, with rows of each that could leak to another."""
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
        while job := ProcrastinateJob.objects.filter(status="todo", **({"scheduled_at": None} if due_only else {})).first():
            # Claimed the way a worker does it; the table itself is read-only for Django.
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("delete from procrastinate_jobs where id = %s", [job.pk])
            app.tasks[job.task_name].func(**job.args)
            done += 1
        return done

    return run
