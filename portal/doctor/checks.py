"""All checks, in the order in which they are told."""

from django.db import DatabaseError

from portal.doctor import database, files, house, mail, people, shared
from portal.doctor.finding import Check, Finding, problem

CHECKS: dict[str, Check] = {
    "kind": house.kind,
    "keys": house.keys,
    "address": house.address,
    "proxies": house.proxies,
    "database": database.reachable,
    "migrations": database.migrated,
    "clock": database.clock,
    "cache": shared.shared_cache,
    "live": shared.live_layer,
    "storage": files.storage,
    "room": files.room,
    "files": files.files,
    "scanner": files.scanner,
    "mail": mail.mail_server,
    "worker": people.worker,
    "practice": people.practice,
    "owner": people.owner,
}


def examine(name: str) -> Finding:
    try:
        return CHECKS[name]()
    except DatabaseError:
        return problem("The database did not answer.", "Is DATABASE_URL right, does that server run, is it migrated?")
