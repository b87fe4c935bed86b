"""Work for later, enqueued in the transaction of its cause: if that rolls back, the job never was."""

from datetime import datetime

from procrastinate.contrib.django import app


def defer(name: str, *, at: datetime | None = None, lock: str | None = None, **ids: object) -> None:
    """Run the task `name` (as in `accounts.send_mail`) soon, or at an instant (UTC).

    Arguments are stored and shown to staff, so they are ids. Jobs of one `lock` run one after another.
    """
    app.configure_task(name, schedule_at=at, lock=lock).defer(**{key: str(value) for key, value in ids.items()})
