"""Whom a page is about, where a login has to do with several people: said in its address, never kept in the session."""

from django.http import Http404, HttpRequest

from accounts.models import Client


def chosen(request: HttpRequest, people: list[Client]) -> Client | None:
    """The person of `?person=`; one that is not theirs is a 404 like one that does not exist."""
    key = request.GET.get("person")
    if not key:
        return None
    found = next((person for person in people if str(person.pk) == key), None)
    if found is None:
        raise Http404
    return found
