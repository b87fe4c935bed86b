"""How long pages take, beside a bare Django view on the same server, with few clients and with many.

cases.py      which pages are asked: later rooms add theirs there
rows.py       the people that the pages show, in a database of their own
site.py       what the server serves: the portal, and beside it
beside.py     the bare view, and one that asks when twenty providers are free
server.py     gunicorn, as a deployment runs it
measure.py    asking, and counting the time
report.py     the ratios, as a table and as var/bench.json
"""
