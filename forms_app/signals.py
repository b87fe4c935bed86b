"""What forms tell the storeys above. Sent inside the transaction of the action."""

from django.dispatch import Signal

# A client submitted a form: `response`.
response_submitted = Signal()
# Staff accepted it, or returned it: `review`.
response_reviewed = Signal()
