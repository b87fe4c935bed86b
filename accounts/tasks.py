"""Jobs of the ground floor: each takes ids and calls one action."""

from datetime import timedelta

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app

from accounts.actions import mail


@app.task(name="accounts.send_mail", queue="mail")
def send_mail(mail_id: str) -> None:
    mail.deliver(mail_id)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.clear_expired_sessions", queueing_lock="accounts.clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    call_command("clearsessions")


@app.periodic(cron="*/10 * * * *")
@app.task(name="accounts.retry_stalled_jobs", queueing_lock="accounts.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """A worker that was killed leaves its job behind; after ten minutes without a heartbeat another takes it."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=timedelta(minutes=10).total_seconds()):
        await manager.retry_job(job)
