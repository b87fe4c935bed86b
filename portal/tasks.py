"""Jobs of the roof: what needs to know every storey."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from portal.exports import incoming, write_zip
from uploads.actions import exports

# For a storage or a database that goes away meanwhile; a bug will not go away by trying.
AGAIN = RetryStrategy(max_attempts=4, exponential_wait=3)


@app.task(name="portal.build_export", retry=AGAIN)
def build_export(export_id: str) -> None:
    """Put an archive together. A full disk ends it in words."""
    export = exports.start(export_id)
    if export is None:
        return
    try:
        with incoming() as archive:
            write_zip(archive, export.client, export.user, now=timezone.now())
            exports.finish(export_id, archive)
    except OSError:
        exports.fail(export_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="portal.expire_exports", queueing_lock="portal.expire_exports")
def expire_exports(timestamp: int) -> None:
    exports.expire(datetime.fromtimestamp(timestamp, UTC))
