"""Jobs of billing: each takes ids and calls one action."""

from procrastinate.contrib.django import app

from billing.actions import coverages


@app.periodic(cron="7 * * * *")
@app.task(name="billing.end_expired_coverages", queueing_lock="billing.end_expired_coverages")
def end_expired_coverages(timestamp: int) -> None:
    coverages.end_expired()
