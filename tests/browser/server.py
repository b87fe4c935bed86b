"""Pages and websockets from a thread of the test's own process: mails, settings and database are shared."""

import asyncio
import threading

from twisted.internet import reactor

from portal.daphne import Server

START_SECONDS = 20


class Portal(Server):
    """Daphne on a free port. The reactor runs once in a process, so there is one such server in each."""

    def __init__(self):
        self.listens = threading.Event()
        self.thread = threading.Thread(target=self.run, name="portal", daemon=True)
        super().__init__(
            None, endpoints=["tcp:port=0:interface=127.0.0.1"], signal_handlers=False, application_close_timeout=1
        )

    def start(self):
        from portal.asgi import application

        self.application = application
        self.thread.start()
        assert self.listens.wait(START_SECONDS), "Daphne does not listen"

    @property
    def url(self):
        # By name: a passkey belongs to a name, never to an address.
        return f"http://localhost:{self.listening_addresses[0][1]}"

    def listen_success(self, port):
        super().listen_success(port)
        self.listens.set()

    def end(self):
        """Stop, and end what still runs in the loop: a listener would hold the database that is about to go."""
        asyncio.run_coroutine_threadsafe(_end_tasks(), reactor._asyncioEventloop).result(START_SECONDS)
        reactor.callFromThread(self.stop)
        self.thread.join(START_SECONDS)


async def _end_tasks():
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
