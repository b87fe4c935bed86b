"""Several people at the same instant, each with a connection of their own."""

import threading

from django.db import connection


def at_once(*verbs):
    """What each verb gave or raised, in their order. Needs a test with real transactions."""
    together, outcomes = threading.Barrier(len(verbs)), [None] * len(verbs)

    def do(place, verb):
        together.wait()
        try:
            outcomes[place] = verb()
        except Exception as raised:  # noqa: BLE001 - whatever it is, the test looks at it
            outcomes[place] = raised
        finally:
            connection.close()

    people = [threading.Thread(target=do, args=[place, verb]) for place, verb in enumerate(verbs)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return outcomes
