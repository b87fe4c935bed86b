"""Jobs of files: each takes ids and calls one action."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from uploads.actions import checking, requests, sweep

# A scanner that is down is asked again until it answers: a file is never let through unscanned, and never given up.
UNTIL_IT_ANSWERS = RetryStrategy(wait=30)


@app.task(name="uploads.check_upload", queue="files", retry=UNTIL_IT_ANSWERS)
def check_upload(upload_id: str) -> None:
    checking.check(upload_id)


@app.periodic(cron="5 * * * *")
@app.task(name="uploads.remind", queueing_lock="uploads.remind")
def remind(timestamp: int) -> None:
    requests.remind(datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="35 * * * *")
@app.task(name="uploads.sweep", queueing_lock="uploads.sweep")
def sweep_files(timestamp: int) -> None:
    sweep.sweep()
