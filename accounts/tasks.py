"""Jobs of the ground floor: each takes ids and calls one action."""

from django.core.management import call_command
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from accounts.actions import kept_forms, mail, throttle

KEPT = 3 * 24  # hours
FAILED_KEPT = 30 * 24  # hours: somebody may want to look into them
# What the mail server says is the action's business; this is for a database that goes away meanwhile.
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=2)


@app.task(name="accounts.send_mail", queue="mail", retry=AGAIN)
def send_mail(mail_id: str) -> None:
    mail.deliver(mail_id)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.clear_expired_sessions", queueing_lock="accounts.clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    call_command("clearsessions")


@app.periodic(cron="27 3 * * *")
@app.task(name="accounts.clear_kept_forms", queueing_lock="accounts.clear_kept_forms")
def clear_kept_forms(timestamp: int) -> None:
    kept_forms.clear_old()


@app.periodic(cron="47 3 * * *")
@app.task(name="accounts.clear_throttles", queueing_lock="accounts.clear_throttles")
def clear_throttles(timestamp: int) -> None:
    throttle.clear_old()


@app.periodic(cron="* * * * *")
@app.task(name="accounts.retry_stalled_jobs", queueing_lock="accounts.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """A worker that was killed leaves its jobs behind; another takes them after half a minute without a heartbeat.

    One of which the next run waits already is over: two cannot wait, and it must not keep the others from going on.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        if job.queueing_lock and await manager.list_jobs_async(status="todo", queueing_lock=job.queueing_lock):
            await manager.finish_job(job, Status.ABORTED, delete_job=False)
        else:
            await manager.retry_job(job)


@app.periodic(cron="37 3 * * *")
@app.task(name="accounts.remove_old_jobs", queueing_lock="accounts.remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=KEPT)
    await manager.delete_old_jobs(
        nb_hours=FAILED_KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )
