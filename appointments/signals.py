"""What appointments tell the storeys above. Sent inside the transaction of the action."""

from django.dispatch import Signal

# A client has an appointment from now on: `appointment`, `by`.
appointment_booked = Signal()
# It has another time, provider or place: `appointment`, `by`.
appointment_moved = Signal()
# It took place, the client did not come, or it was cancelled, early or late: `appointment`, `by`. May be sent again
# with another state, when what was marked is corrected.
appointment_ended = Signal()
