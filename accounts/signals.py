"""What the ground floor tells the storeys above. Sent inside the transaction of the action."""

from django.dispatch import Signal

# A login's sessions ended (log out, new password, closed, revoked): `user`, `keep` (a session key or None).
sessions_ended = Signal()
# Somebody is a client from now on: `client`, `by` (whoever keeps the record, or None).
client_added = Signal()
# A client's first or further login joined: `client`, `user`.
client_joined = Signal()
# A right was given or withdrawn: `access`.
access_changed = Signal()
# An outgoing mail could not be delivered, for good: `mail`.
mail_undeliverable = Signal()
# A proposed value is about to be saved in its row, which has it already: `change`, `row`. May still be refused.
change_applied = Signal()
# Staff took a proposed value over, or said why not: `change`.
change_decided = Signal()
# A mail is about to be handed over: `mail`. A receiver that answers False says that nobody needs it any more.
mail_leaving = Signal()
