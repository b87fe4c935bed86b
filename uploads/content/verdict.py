"""What a file turned out to be."""

from dataclasses import asdict, dataclass
from typing import Any

from uploads.content.kinds import Kind


@dataclass(frozen=True)
class Verdict:
    """`pages` of PDF and TIFF; `width` and `height` of pictures, in pixels, as stored. `preview`: one was written."""

    kind: Kind
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    preview: bool = False

    @property
    def content_type(self) -> str:
        return self.kind.content_type

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Verdict":
        return cls(**{**said, "kind": Kind(said["kind"])})
