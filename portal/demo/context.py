"""The ribbon that says on every page: this is a demo."""

from django.http import HttpRequest


def ribbon(request: HttpRequest) -> dict[str, bool]:
    return {"demo": True}
