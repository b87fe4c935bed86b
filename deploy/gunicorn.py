"""How gunicorn serves the pages. WEB_CONCURRENCY says how many processes (gunicorn reads it itself)."""

import os

from portal import logs

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
threads = 4
keepalive = 75  # seconds; longer than the proxy keeps its side, so that it never writes into a closing connection
max_requests, max_requests_jitter = 10_000, 1_000  # whatever leaks, leaks for a few hours
worker_tmp_dir = "/dev/shm"  # noqa: S108 - heartbeats in memory: a slow disk must not look like a hung worker
control_socket_disable = True
logconfig_dict = logs.configuration(os.environ.get("LOG_LEVEL", "INFO"))
