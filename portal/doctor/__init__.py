"""Is everything that the portal needs there and well? One small function for each question.

finding.py    what a check answers
house.py      keys, address
database.py   reachable, new enough, migrated, in time
shared.py     cache and live layer, which all processes share
files.py      can files be stored, are they all there, are they scanned
mail.py       the mail server
people.py     the practice, its owner, the worker who sends the mails
checks.py     all of them, in their order: later rooms add theirs there
"""
