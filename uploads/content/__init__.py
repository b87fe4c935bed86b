"""What is in a file that somebody sent: pure Python, no Django. Pages ask `kinds.kind_of`, jobs ask `judge.judge`."""
