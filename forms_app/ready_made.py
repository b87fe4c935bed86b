"""The forms that come with the portal, as files: one FHIR R4 Questionnaire each."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "library"


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def resource_of(name: str) -> dict[str, Any]:
    """The Questionnaire of one of `names()`."""
    resource: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return resource
