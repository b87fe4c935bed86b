"""What the pool of database connections needs beyond Django's own care."""

import atexit
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


def check(connection: Connection[Any]) -> None:
    """Refuse a dead connection; and since a restart of the database kills all idle ones, replace them all.

    Else the pool would meet them one by one, with pauses of 0, 1, 2, 4 … seconds, and give up.
    """
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        for pool in _pools():
            pool.drain()
        raise


@atexit.register
def close() -> None:
    """A pool left open keeps the ending interpreter 5 s for each of its threads, which are gone by then."""
    for pool in _pools():
        pool.close()


def _pools() -> list[ConnectionPool]:
    """Django's own, without opening any: asking a connection for its pool would make one."""
    pools: dict[str, ConnectionPool] = vars(DatabaseWrapper)["_connection_pools"]
    return list(pools.values())
