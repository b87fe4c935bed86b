"""A mail server on this machine that takes mails, or does what a test tells it."""

from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from tests.portal.conftest import free_port


class MailServer:
    """What it took stands in `taken`; what it says first to recipients and texts in `to_recipients`, `to_texts`."""

    def __init__(self):
        self.port = free_port()
        self.taken = []
        self.asked = 0
        self.to_recipients, self.to_texts = [], []
        self.on_recipient = self.on_text = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked += 1
        if self.on_recipient:
            await self.on_recipient()
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.to_texts:
            return self.to_texts.pop(0)
        self.taken.append(Taken(envelope))
        if self.on_text:
            await self.on_text()
        return "250 OK"

    @contextmanager
    def open(self):
        controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=False)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


class Taken:
    """One mail as it arrived."""

    def __init__(self, envelope):
        self.recipients = envelope.rcpt_tos
        self.message = message_from_bytes(envelope.content, policy=policy.default)

    @property
    def id(self):
        return self.message["Message-ID"]

    def body(self, kind):
        return self.message.get_body([kind]).get_content()
