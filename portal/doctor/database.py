"""The database: there, new enough, migrated, and of the same opinion about the time."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from portal.doctor.finding import Finding, ok, problem, warning

OLDEST = 150_000  # PostgreSQL 15, as server_version_num
# Codes of authenticator apps live for 30 s, and RFC 6238 §5.2 recommends to accept one step of drift.
LATE, TOO_LATE = 2.0, 20.0  # seconds


def reachable() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), current_setting('server_version_num')::int")
        version, number = cursor.fetchone()
    if number < OLDEST:
        return problem(f"PostgreSQL {version} is too old.", "Upgrade it to 15 or newer.")
    return ok(f"PostgreSQL {version} answers.")


def migrated() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return problem(f"{len(waiting)} migrations have not been applied.", "Run: manage.py migrate")
    return ok("All migrations are applied.")


def clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        skew = abs((timezone.now() - cursor.fetchone()[0]).total_seconds())
    if skew < LATE:
        return ok("Our clock and the database's agree.")
    words, advice = (
        f"Our clock and the database's differ by {skew:.0f} s.",
        "Let both machines keep time by NTP.",
    )
    return problem(words, advice) if skew > TOO_LATE else warning(words, advice)
