"""The demo's worker of jobs comes back, whatever ended it."""

import asyncio
import threading

import psycopg
import pytest

from portal.demo import serve

ENDS = [
    asyncio.CancelledError(),
    psycopg.OperationalError(),
    RuntimeError(),
    ExceptionGroup("beside", [OSError()]),
    None,
]


@pytest.mark.parametrize("end", ENDS, ids=repr)
def test_it_begins_again_until_it_is_told_to_stop(monkeypatch, end):
    monkeypatch.setattr(serve, "PAUSE", 0)
    begun, twice = [], threading.Event()

    async def work(self):
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        begun.append(1)
        if len(begun) > 1:
            twice.set()
            await asyncio.sleep(60)
        if end:
            raise end

    monkeypatch.setattr(serve.WorkerThread, "_work", work)
    worker = serve.WorkerThread()
    worker.start()
    assert twice.wait(10)
    worker.stop()
    assert not worker._thread.is_alive()
    assert len(begun) == 2
