"""The demo: a practice full of example data, and pages that exist nowhere else.

people.py    who is in it, and what the practice says: plain facts
actions.py   writing them into an empty house, once; keeping an invitation open
summary.py   what is printed and written to demo.json: addresses, logins, the open invitation
prepare.py   tables, static files and data before the first page
serve.py     pages, websockets and jobs in this one process, until it is stopped
views.py     signing in by one press, and the mailbox
"""
