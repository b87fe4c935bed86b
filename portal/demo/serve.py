"""Pages, websockets and jobs from this one process, until somebody stops it."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from channels.routing import get_default_application
from procrastinate.contrib.django import app

from portal.daphne import Server

HOST = "127.0.0.1"
PAUSE = 1  # seconds before the worker looks for a database that went away

logger = logging.getLogger(__name__)


class WorkerThread:
    """A worker of the jobs beside the pages; whatever ends it, it comes back until it is told to stop.

    A database that goes away ends it in many ways: an error of the driver or of the pool, of a task beside, or
    a cancellation that nobody asked for. None may leave mails waiting for ever.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._loop and self._task and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work())
            except (Exception, asyncio.CancelledError):
                logger.info("The worker of the jobs ended, and begins again.", exc_info=True)
            self._stopping.wait(PAUSE)

    async def _work(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        # A connector of its own: replacing the app's would take the pages' jobs out of their transactions.
        connector: Any = app.connector
        worker = app.with_connector(connector.get_worker_connector())
        async with worker.open_async():
            await worker.run_worker_async(concurrency=2, install_signal_handlers=False, shutdown_graceful_timeout=5)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server itself will: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def stop_on_signals() -> None:
    """From now on a polite kill, and a terminal that is closed, are as good as Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup asks to be left alone
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))


def be_left_alone() -> None:
    """While stopping, a second Ctrl-C would leave half of it behind."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)


def serve(port: int, ready: Callable[[], None]) -> bool:
    """Serve until a signal, and call `ready` once it listens. False: the port was taken at the last moment."""
    worker = WorkerThread()
    worker.start()
    server = Server(
        get_default_application(),
        endpoints=[f"tcp:port={port}:interface={HOST}"],
        ready_callable=ready,
        server_name="portal",
    )
    try:
        server.run()
    finally:
        be_left_alone()
        worker.stop()
    return not server.abort_start
