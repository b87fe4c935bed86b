"""How much a check may cost."""

import contextlib
import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Memory in bytes of address space; time in seconds, of the processor and of the clock on the wall."""

    # A picture of 64 million pixels is 256 MB, and twice that while it is made small.
    memory: int = 1024 * 1024 * 1024
    processor: int = 10
    wall: float = 30
    written: int = 4 * 1024 * 1024

    def hold(self) -> None:
        """Binds this process, for good. macOS refuses to limit memory; its other limits hold."""
        for what, most in (
            (resource.RLIMIT_AS, self.memory),
            (resource.RLIMIT_FSIZE, self.written),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, self.processor),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))
