"""Jobs of forms: each takes ids and calls one action."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from forms_app.actions import pdfs, reminders
from forms_app.pdfs import make

# For a storage or a database that goes away meanwhile; a bug will not go away by trying.
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="forms_app.make_pdf", retry=AGAIN)
def make_pdf(response_id: str) -> None:
    """Set the PDF of what was submitted, outside of any transaction: it takes its time, and no row waits for it."""
    if response := pdfs.start(response_id):
        pdfs.finish(response_id, make(response))


@app.periodic(cron="15 * * * *")
@app.task(name="forms_app.remind", queueing_lock="forms_app.remind")
def remind(timestamp: int) -> None:
    reminders.remind(datetime.fromtimestamp(timestamp, UTC))
