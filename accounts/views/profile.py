"""The profile: a client's facts, a picture, how the portal speaks to a login, and who has looked at the record."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import profiles
from accounts.actions import changes as change_verbs
from accounts.actions import profile as verbs
from accounts.context import practice_of
from accounts.forms.profile import MAILED, DetailsForm, PictureForm, SettingsForm
from accounts.middleware import for_clients
from accounts.models import Access, Client, ClientField, ProfileChange, ProposedChange, RecordView, User
from accounts.ownership import Area
from accounts.proposals import ChangedMeanwhile
from accounts.states import ForbiddenMove
from accounts.whose import chosen

LOOKS_PER_PAGE = 20


def _login_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def _client(request: HttpRequest, pk: Any) -> Client:
    """A client whose profile is open to this login; anybody else is the same 404."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.user, Area.PROFILE), pk=pk)
    return client


def _to_profile(request: HttpRequest, client: Client) -> HttpResponse:
    return redirect(profiles.url_of(client, profiles.people_of(_login_of(request))))


@for_clients
def profile(request: HttpRequest) -> HttpResponse:
    everybody = profiles.people_of(_login_of(request))
    if not everybody:
        raise Http404
    person = chosen(request, everybody)
    people = [person] if person else everybody
    changes = profiles.changes_of(_login_of(request), people)
    practice = practice_of(request)
    context = {
        "shown": [profiles.person(client, practice, changes[client.pk]) for client in people],
        "open": set(practice.client_fields),
        # With one person nothing about choosing shows.
        "people": everybody if len(everybody) > 1 else [],
        "person": person,
        "login": _settings_in_words(request),
    }
    return render(request, "accounts/profile.html", context)


def _settings_in_words(request: HttpRequest) -> dict[str, Any]:
    user = _login_of(request)
    return {
        "mails": [words for area, words in MAILED.items() if area not in user.muted],
        "time_zone": user.get_time_zone_display(),
    }


# A client's facts -----------------------------------------------------------------------------


@for_clients
def profile_edit(request: HttpRequest, pk: Any) -> HttpResponse:
    client = _client(request, pk)
    form = _details_form(request, client)
    if form.is_valid() and _saved(request, client, form):
        return _to_profile(request, client)
    facts = profiles.person(client, practice_of(request), {})
    context = {
        "form": form,
        "client": client,
        "closed": [fact for fact in [*facts["facts"], *facts["emergency"]] if not fact.is_open],
        "pronouns_closed": ClientField.PRONOUNS not in practice_of(request).client_fields,
        "several": len(profiles.people_of(_login_of(request))) > 1,
        "back": profiles.url_of(client, profiles.people_of(_login_of(request))),
    }
    return render(request, "accounts/profile_edit.html", context, status=422 if form.errors else 200)


def _details_form(request: HttpRequest, client: Client) -> DetailsForm:
    user = _login_of(request)
    rows = ProfileChange.objects.visible_to(user).filter(client=client, status=ProposedChange.Status.PROPOSED)
    own = user.access.filter(client=client, withdrawn_at=None, relationship=Access.Relationship.SELF).exists()
    return DetailsForm(
        request.POST or None,
        client=client,
        practice=practice_of(request),
        waiting={change.field: change for change in rows},
        own=own,
    )


def _saved(request: HttpRequest, client: Client, form: DetailsForm) -> bool:
    try:
        verbs.save_details(client, form.asked, by=_login_of(request), pronouns=form.pronouns, shown=form.record_shown)
    except ChangedMeanwhile as refusal:
        form.notice(refusal.values, refusal.words)
        return False
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    _tell(request, form)
    return True


def _tell(request: HttpRequest, form: DetailsForm) -> None:
    if form.pronouns is not None:
        messages.success(request, _("Saved."))
    if form.sends:
        words = _("Sent for review. Until {practice} has checked it we keep the old value.")
        messages.success(request, words.format(practice=practice_of(request).name))
    if form.takes_back:
        messages.success(request, _("Withdrawn. The old value stays."))
    elif form.pronouns is None and not form.sends:
        messages.info(request, _("Nothing was changed."))


@for_clients
@require_POST
def profile_withdraw(request: HttpRequest, pk: Any, change: Any) -> HttpResponse:
    """The client does not want a proposed value any more."""
    client = _client(request, pk)
    row = get_object_or_404(ProfileChange.objects.visible_to(request.user).filter(client=client), pk=change)
    try:
        change_verbs.withdraw(row, by=_login_of(request))
    except ForbiddenMove as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn. The old value stays."))
    return _to_profile(request, client)


@for_clients
def profile_picture(request: HttpRequest, pk: Any) -> HttpResponse:
    client = _client(request, pk)
    if ClientField.PICTURE not in practice_of(request).client_fields:
        raise Http404
    removes = "remove" in request.POST
    form = PictureForm(request.POST, request.FILES) if request.method == "POST" and not removes else PictureForm()
    if removes or form.is_valid():
        verbs.save_picture(client, None if removes else form.cleaned_data["picture"], by=_login_of(request))
        messages.success(request, _("The picture is gone.") if removes else _("The new picture is there."))
        return _to_profile(request, client)
    people = profiles.people_of(_login_of(request))
    context = {"form": form, "client": client, "several": len(people) > 1, "back": profiles.url_of(client, people)}
    return render(request, "accounts/profile_picture.html", context, status=422 if form.errors else 200)


# The login ------------------------------------------------------------------------------------


@for_clients
def profile_settings(request: HttpRequest) -> HttpResponse:
    """Language, time zone and e-mails: for every login, whatever else it may see."""
    user = _login_of(request)
    form = SettingsForm(request.POST or None, user=user, languages=practice_of(request).offered_languages)
    if form.is_valid():
        data = form.cleaned_data
        verbs.save_settings(by=user, language=data["language"], time_zone=data["time_zone"], muted=form.muted)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile" if profiles.people_of(_login_of(request)) else "accounts:profile_settings")
    context = {"form": form, "has_profile": bool(profiles.people_of(_login_of(request)))}
    return render(request, "accounts/profile_settings.html", context, status=422 if form.errors else 200)


# Who has looked -------------------------------------------------------------------------------


@for_clients
def record_views(request: HttpRequest, pk: Any) -> HttpResponse:
    """Who of the practice has looked at this client's record."""
    client = _client(request, pk)
    rows = RecordView.objects.visible_to(request.user).filter(client=client, user__is_staff=True)
    people = profiles.people_of(_login_of(request))
    context = {
        "client": client,
        "looks": Paginator(rows.select_related("user__provider"), LOOKS_PER_PAGE).get_page(request.GET.get("page")),
        "several": len(people) > 1,
        "back": profiles.url_of(client, people),
    }
    return render(request, "accounts/record_views.html", context)
