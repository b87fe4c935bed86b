"""Django's PostgreSQL backend on a server that starts at the first connection."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient

from portal.embedded.server import Server, server_at


def server() -> Server:
    """The Postgres of settings.EMBEDDED_POSTGRES_HOME; under test it forgoes durability for speed."""
    return server_at(settings.EMBEDDED_POSTGRES_HOME, durable=settings.PORTAL_ENV != "test")


class DatabaseClient(PostgresClient):
    """`manage.py dbshell` with the psql of the embedded Postgres."""

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.get_connection_params()
        self.executable_name = str(server().program("psql"))
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """Asked for parameters before every connection, pooled or not: starts the server if need be."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        postgres = server()
        postgres.ensure()
        own = postgres.connection()
        del own["NAME"]  # the settings', or that of a test database
        self.settings_dict.update(own)
        return super().get_connection_params()
