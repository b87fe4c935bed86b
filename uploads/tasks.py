"""Jobs of files: each takes ids and calls one action."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from uploads.actions import requests


@app.periodic(cron="5 * * * *")
@app.task(name="uploads.remind", queueing_lock="uploads.remind")
def remind(timestamp: int) -> None:
    requests.remind(datetime.fromtimestamp(timestamp, UTC))
