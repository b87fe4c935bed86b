"""Jobs of the roof: what needs to know every storey."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.models import Client
from accounts.ownership import Area
from portal.exports import incoming, write_zip
from uploads.actions import exports
from uploads.models import Export

# For a storage or a database that goes away meanwhile; a bug will not go away by trying.
AGAIN = RetryStrategy(max_attempts=4, exponential_wait=3)


@app.task(name="portal.build_export", retry=AGAIN)
def build_export(export_id: str) -> None:
    """Put an archive together. A right that was withdrawn meanwhile, or a full disk, ends it in words."""
    export = Export.objects.select_related("user").filter(pk=export_id, status=Export.Status.ASKED).first()
    if export is None:
        return
    client = Client.objects.visible_to(export.user, Area.PROFILE).filter(pk=export.client_id).first()
    if client is None:
        exports.fail(export_id)
        return
    try:
        with incoming() as archive:
            write_zip(archive, client, export.user, now=timezone.now())
            exports.finish(export_id, archive)
    except OSError:
        exports.fail(export_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="portal.expire_exports", queueing_lock="portal.expire_exports")
def expire_exports(timestamp: int) -> None:
    exports.expire(datetime.fromtimestamp(timestamp, UTC))
