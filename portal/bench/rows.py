"""The people that the pages show, in a database that is made for the run and dropped after it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.actions.access import give_access
from accounts.models import Client, Practice, Provider, User
from accounts.ownership import Area
from forms_app.hashing import sha256
from forms_app.models import Assignment, Questionnaire
from portal.bench.cases import FORM, Visitor

DATABASE = "portal_bench"
GROWN = (
    "accounts_client",
    "uploads_upload",
    "uploads_uploadrequest",
    "forms_app_assignment",
    "appointments_booking",
    "appointments_appointment",
)

# 20 first and 20 last names, so that a search finds one in twenty; a third of the clients has a phone.
_CLIENTS = """
    insert into accounts_client
        (id, name, email, phone, birth_date, time_zone, language, payments_enabled, search_text, created_at,
         pronouns, picture, address, emergency_name, emergency_phone, emergency_relationship, uninsured)
    select gen_random_uuid(), name, email, phone, date '1940-01-01' + (n %% 25000), 'America/New_York', 'en', true,
           lower(name) || ' ' || email || ' ' || phone || ' ' || translate(phone, '+ ', ''), now(),
           '', '', '12 Linden Street', '', '', '', false
    from generate_series(%(first)s, %(last)s) as n,
         lateral (select
             (%(given)s::text[])[1 + n %% 20] || ' ' || (%(family)s::text[])[1 + n / 20 %% 20] as name,
             'client' || n || '@example.com' as email,
             case when n %% 3 > 0 then '' else '+1 212 555 ' || lpad((n %% 10000)::text, 4, '0') end as phone)
"""
# Each client has sent a file, of which one in a hundred waits for somebody; each tenth is asked for another.
_PAPERS = """
    insert into uploads_upload
        (id, client_id, area, source, name, note, kind, size, sha256, file, preview, status, refusal, sent_by_id,
         sent_at, opened_at, is_draft)
    select gen_random_uuid(), client.id, 'files', 'client', 'Referral.pdf', '', 'pdf', 90000, md5(client.id::text),
           'uploads/' || client.id, '', 'available', '', login.id, now() - n * interval '1 minute',
           case when n % 100 > 0 then now() end, false
    from (select id, row_number() over (order by created_at, id) as n from accounts_client) as client,
         (select id from accounts_user where not is_staff limit 1) as login
    where not exists (select from uploads_upload where client_id = client.id);
    insert into uploads_uploadrequest (id, client_id, title, instructions, status, reason, asked_at, due_on)
    select gen_random_uuid(), client_id, 'Insurance card', '', 'asked', '', now(), current_date + 7
    from (select client_id, row_number() over (order by sent_at) as n from uploads_upload) as sent
    where n % 10 = 0 and not exists
        (select from uploads_uploadrequest where uploads_uploadrequest.client_id = sent.client_id);
"""
# Each client was assigned the form; one in a hundred has submitted it and waits for the practice.
_FORMS = """
    insert into forms_app_assignment
        (id, client_id, questionnaire_id, status, comment, occasion, assigned_at, submitted_at, due_on)
    select gen_random_uuid(), client.id, form.id, case when n % 100 > 0 then 'assigned' else 'submitted' end, '', '',
           now() - n * interval '1 minute', case when n % 100 = 0 then now() end, current_date + 7
    from (select id, row_number() over (order by created_at, id) as n from accounts_client) as client,
         (select id from forms_app_questionnaire limit 1) as form
    where not exists (select from forms_app_assignment where client_id = client.id);
"""
# Twenty providers who work from eight to twelve and from one to six, and have five appointments a day.
_CALENDAR = """
    insert into appointments_service
        (id, name, description, minutes, minutes_before, minutes_after, modality, is_active)
    values (gen_random_uuid(), 'Talk', '', 50, 5, 5, 'in_person', true);
    insert into appointments_schedule
        (provider_id, time_zone, is_published, step_minutes, notice_hours, video_url)
    select id, 'America/New_York', true, 30, 24, '' from accounts_provider;
    insert into appointments_workinghours (schedule_id, weekday, starts, ends)
    select id, weekday, starts, ends
    from appointments_schedule, generate_series(0, 4) as weekday,
         (values (time '08:00', time '12:00'), (time '13:00', time '18:00')) as stretch (starts, ends);
    insert into appointments_booking
        (id, provider_id, service_id, modality, starts_at, ends_at, shows_names, note, video_url, created_at)
    select gen_random_uuid(), provider.id, service.id, 'in_person', starts_at, starts_at + interval '50 minutes', false,
           '', '', now()
    from accounts_provider as provider, appointments_service as service,
         generate_series(current_date + time '14:00', current_date + interval '32 days', interval '1 day') as day,
         lateral (select day + hour * interval '2 hours' as starts_at from generate_series(0, 4) as hour) as begins;
"""
# Ten thousand appointments that are over, one after the other.
_PAST = """
    with held as (
        insert into appointments_booking
            (id, provider_id, service_id, modality, starts_at, ends_at, shows_names, note, video_url, created_at)
        select gen_random_uuid(), provider.id, service.id, 'in_person', starts_at, starts_at + interval '50 minutes',
               false, '', '', now()
        from (select min(id) as id from accounts_provider) as provider, appointments_service as service,
             lateral (
                 select current_date - n * interval '4 hours' as starts_at from generate_series(1, 10000) as n
             ) as times
        returning id, starts_at, ends_at)
    insert into appointments_appointment
        (id, client_id, booking_id, status, starts_at, ends_at, sequence, cancelled_by, reason, created_at, timed_at,
         changed_at)
    select gen_random_uuid(), %s, id, 'completed', starts_at, ends_at, 0, '', '', now(), now(), now() from held
"""
_GIVEN = "Ana Ben Chloe David Ella Finn Grace Hugo Iris Jonas Kira Leo Maya Noah Olga Pablo Rosa Sam Tara Yusuf"
_FAMILY = (
    "Adams Brown Chen Diaz Evans Fischer Garcia Haddad Ito Jones "
    "Kim Lopez Meyer Nguyen Okafor Patel Quinn Rossi Silva Turner"
)


@contextmanager
def own_database() -> Iterator[None]:
    """Django's connection leads to an empty, migrated database; whatever stood in one of a killed run is dropped."""
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    _leave()
    with redirect_stdout(io.StringIO()):  # `createcachetable` tells that the migration has made it
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        _leave()
        connection.creation.destroy_test_db(usual, verbosity=0)


def _leave() -> None:
    """A pool would keep connections to the database that was the default before."""
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool:
        close_pool()


def add_visitors() -> dict[Visitor, str]:
    """A client's and an owner's login, each with a session; returns the sessions' keys."""
    Practice.objects.create(pk=1, name="Linden Practice", phone="+1 212 555 0100", time_zone="America/New_York")
    client_login = User.objects.create_user("alice@example.com", name="Alice Adams")
    alice = Client.objects.create(name="Alice Adams", email="alice@example.com")
    give_access(client_login, alice, by=None, relationship="self", areas=Area.values, asked=True)
    _assign_a_form(alice)
    _fill_calendars(alice)
    owner = User.objects.create_user("olga@example.com", name="Olga Owens", is_staff=True)
    owner.groups.add(Group.objects.get(name="Owner"))
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={})
    return {Visitor.CLIENT: _session_of(client_login), Visitor.OWNER: _session_of(owner)}


def _fill_calendars(client: Client) -> None:
    Provider.objects.bulk_create(Provider(name=f"Provider {number}") for number in range(20))
    with connection.cursor() as cursor:
        cursor.execute(_CALENDAR)
        cursor.execute(_PAST, [client.pk])


def _assign_a_form(client: Client) -> None:
    """A hundred questions in five groups, a tenth of them under a condition."""
    resource = {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": "urn:uuid:7b1f3a52-6f0e-4b8e-9d55-3a0f5d1c1a01",
        "version": "1",
        "title": "Hundred questions",
        "item": [_group(place) for place in range(5)],
    }
    known = {name: resource[name] for name in ("url", "version", "title", "status")}
    form = Questionnaire.objects.create(**known, resource=resource, sha256=sha256(resource))
    Assignment.objects.create(pk=FORM, client=client, questionnaire=form)


def _group(place: int) -> dict[str, Any]:
    questions = [_question(f"{place}.{number}") for number in range(20)]
    for question in questions[10::5]:
        question["enableWhen"] = [{"question": f"{place}.0", "operator": "exists", "answerBoolean": True}]
    return {"linkId": str(place), "type": "group", "text": f"Part {place + 1}", "item": questions}


def _question(link_id: str) -> dict[str, Any]:
    return {"linkId": link_id, "type": "string", "text": f"Question {link_id}?"}


def _session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def grow_to(clients: int) -> None:
    """Add clients until there are so many; what a vacuum would do in the night is done at once."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from accounts_client")
        first = cursor.fetchone()[0] + 1
        names = {"given": _GIVEN.split(), "family": _FAMILY.split()}
        cursor.execute(_CLIENTS, {"first": first, "last": clients, **names})
        cursor.execute(_PAPERS)
        cursor.execute(_FORMS)
        for table in GROWN:
            cursor.execute(f"vacuum analyze {table}")
