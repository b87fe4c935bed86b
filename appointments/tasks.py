"""Jobs of appointments: each calls one action.

They go by the clock of the moment in which they run, and not of the minute for which they were planned: a job that
waited for a worker must not remind of what is over.
"""

from django.utils import timezone
from procrastinate.contrib.django import app

from appointments.actions import reminders, requests


@app.periodic(cron="* * * * *")
@app.task(name="appointments.remind", queueing_lock="appointments.remind")
def remind(timestamp: int) -> None:
    reminders.remind(timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="appointments.expire_requests", queueing_lock="appointments.expire_requests")
def expire_requests(timestamp: int) -> None:
    requests.expire(timezone.now())
