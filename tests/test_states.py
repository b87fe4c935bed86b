"""Each state machine against a table written out here by hand: every move it allows, every move it refuses."""

import pytest
from django.apps import apps

from accounts.states import ForbiddenMove, move
from tests.world import APPS

TABLES = {
    "accounts.Invitation": """
        sent          → sent opened accepted revoked undeliverable
        opened        → sent opened accepted revoked undeliverable
        undeliverable → sent accepted revoked
        revoked       → sent
        accepted      →
    """,
    "accounts.OutgoingMail": """
        queued  → queued sent failed dropped
        sent    → bounced
        failed  → queued
        bounced →
        dropped →
    """,
    "accounts.FactorReset": """
        asked     → confirmed withdrawn
        confirmed →
        withdrawn →
    """,
    "accounts.ProfileChange": """
        proposed  → applied rejected withdrawn
        applied   →
        rejected  →
        withdrawn →
    """,
    "appointments.Appointment": """
        scheduled      → completed no_show cancelled late_cancelled
        completed      → no_show
        no_show        → completed late_cancelled
        cancelled      → late_cancelled
        late_cancelled → cancelled
    """,
    "appointments.ChangeRequest": """
        pending    → offered approved declined withdrawn superseded expired
        offered    → offered pending approved declined withdrawn superseded expired
        approved   →
        declined   →
        withdrawn  →
        superseded →
        expired    →
    """,
    "billing.CoverageChange": """
        proposed  → applied rejected withdrawn
        applied   →
        rejected  →
        withdrawn →
    """,
    "billing.Coverage": """
        draft            → active entered-in-error
        active           → cancelled
        cancelled        → active
        entered-in-error →
    """,
    "forms_app.Questionnaire": """
        draft   → active retired
        active  → retired
        retired →
    """,
    "forms_app.Assignment": """
        assigned    → in_progress submitted cancelled
        in_progress → submitted cancelled
        submitted   → accepted returned
        returned    → in_progress submitted cancelled
        accepted    →
        cancelled   →
    """,
    "uploads.Upload": """
        scanning  → available rejected
        available →
        rejected  →
    """,
    "uploads.UploadRequest": """
        asked      → received cancelled
        received   → asked accepted send_again cancelled
        send_again → received cancelled
        accepted   →
        cancelled  →
    """,
    "uploads.Export": """
        asked   → ready failed
        ready   → expired
        failed  → expired
        expired →
    """,
}


def machines():
    models = [model for app in (*APPS, "portal") for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: model for model in models if hasattr(model, "TRANSITIONS")}


def with_status():
    """Models with a `status`, which therefore need a table. The copies that the history keeps move nowhere."""
    models = [model for app in (*APPS, "portal") for model in apps.get_app_config(app).get_models()]
    names = {model._meta.label for model in models if any(field.name == "status" for field in model._meta.fields)}
    return {name for name in names if not name.endswith("Event")}


def table(name):
    lines = [line.partition("→") for line in TABLES[name].strip().splitlines()]
    return {start.strip(): set(ends.split()) for start, _arrow, ends in lines}


def moves(*, allowed):
    return [
        (name, start, end)
        for name in TABLES
        for start in table(name)
        for end in table(name)
        if (end in table(name)[start]) is allowed
    ]


def test_every_model_with_states_has_its_table_here():
    assert set(machines()) == with_status() == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_the_table_names_every_state(name):
    assert set(machines()[name].Status.values) == set(table(name)) == set(machines()[name].TRANSITIONS)


@pytest.mark.parametrize(("name", "start", "end"), moves(allowed=True))
def test_an_allowed_move_works(name, start, end):
    row = machines()[name](status=start)
    move(row, end)
    assert row.status == end


@pytest.mark.parametrize(("name", "start", "end"), moves(allowed=False))
def test_a_forbidden_move_is_refused_in_words(name, start, end):
    row = machines()[name](status=start)
    with pytest.raises(ForbiddenMove, match="cannot be done any more"):
        move(row, end)
    assert row.status == start


@pytest.mark.parametrize("name", TABLES)
def test_a_state_that_does_not_exist_is_no_move(name):
    row = machines()[name](status=next(iter(table(name))))
    with pytest.raises(ForbiddenMove):
        move(row, "abducted")
