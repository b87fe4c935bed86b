"""What the pool of database connections needs beyond Django's own care."""

import atexit

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


def check(connection: Connection) -> None:
    """Refuse a dead connection; and since after a restart of the database all idle ones are dead, replace them all.

    Else the pool would meet them one by one, with pauses of 0, 1, 2, 4 … seconds, and give up."""
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        for wrapper in connections.all(initialized_only=True):
            wrapper.pool.drain()
        raise


@atexit.register
def close() -> None:
    """A pool that is still open when the interpreter ends waits 5 s for each of its threads, which are gone by then."""
    for pool in DatabaseWrapper._connection_pools.values():
        pool.close()
