"""A client's insurances: what is so, what waits, and every way to say something about them."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.context import practice_of
from accounts.models import Client, ClientField, ProfileChange, User
from accounts.ownership import Area
from accounts.proposals import ChangedMeanwhile
from accounts.states import ForbiddenMove
from accounts.whose import chosen
from billing.actions import proposals
from billing.actions.proposals import CannotPropose
from billing.forms.coverage import AddForm, EditForm, EndForm, FactsForm
from billing.models import Coverage, CoverageChange
from billing.policies import SIDES, Policy, is_refused_lately, picture_keys, policies, today_here, wanted
from uploads.actions import files
from uploads.models import Upload
from uploads.refusals import sentence

Status = Coverage.Status


def insurance(request: HttpRequest) -> HttpResponse:
    everybody = list(_people(request))
    person = chosen(request, everybody)
    shown = [person] if person else everybody
    context = {
        "groups": _groups(request, shown),
        "people": everybody if len(everybody) > 1 else [],
        "person": person,
        "may_edit": _may_edit(request),
    }
    return render(request, "billing/insurance.html", context)


def _login_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def _may_edit(request: HttpRequest) -> bool:
    return ClientField.INSURANCE in practice_of(request).client_fields


def _people(request: HttpRequest) -> QuerySet[Client]:
    """Those whose profile is open to this login; whoever has none finds no page here."""
    people: QuerySet[Client] = Client.objects.visible_to(request.user, Area.PROFILE)
    if not people:
        raise Http404
    return people


def _groups(request: HttpRequest, people: list[Client]) -> list[dict[str, Any]]:
    """Each person with their policies, in as many queries for one as for thirty."""
    rows = list(Coverage.objects.visible_to(request.user).filter(client__in=people))
    known = _policies(request, rows)
    said = ProfileChange.objects.visible_to(request.user).filter(client__in=people, field="uninsured")
    newest = {change.client_id: change for change in said.exclude(status=ProfileChange.Status.WITHDRAWN)}
    return [_group(person, known, newest.get(person.pk)) for person in people]


def _policies(request: HttpRequest, rows: list[Coverage]) -> list[Policy]:
    said = list(CoverageChange.objects.visible_to(request.user).filter(coverage__in=rows))
    pictures = Upload.objects.visible_to(request.user).filter(pk__in=picture_keys(rows, said))
    return policies(rows, said, pictures)


def _group(person: Client, known: list[Policy], said_uninsured: ProfileChange | None) -> dict[str, Any]:
    own = [policy for policy in known if policy.coverage.client_id == person.pk]
    valid, new = [one for one in own if one.is_valid], [one for one in own if one.is_new]
    waits = said_uninsured and said_uninsured.status == ProfileChange.Status.PROPOSED
    return {
        "person": person,
        "key": str(person.pk),
        "valid": valid,
        "new": new,
        "earlier": [one for one in own if one.coverage.status == Status.CANCELLED],
        "refused": [one for one in own if one.coverage.status == Status.ENTERED_IN_ERROR and one.refused],
        "says_uninsured": waits,
        "not_uninsured": said_uninsured if said_uninsured and is_refused_lately(said_uninsured) else None,
        "may_say_uninsured": not (valid or new or person.uninsured or waits),
    }


# A new one -------------------------------------------------------------------------------------


def insurance_add(request: HttpRequest) -> HttpResponse:
    people = _people(request)
    if not _may_edit(request):
        return _kept_by_practice(request)
    person = chosen(request, list(people))
    data, sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AddForm(data, sent, people=people, initial={"person": person, "order": _next_order(request, person)})
    if request.method == "POST" and _add(request, form):
        messages.success(request, _sent(request))
        return redirect("billing:insurance")
    return render(request, "billing/insurance_add.html", {"form": form}, status=422 if form.errors else 200)


def _next_order(request: HttpRequest, person: Client | None) -> int:
    """A first one is the primary one, most of the time."""
    known = Coverage.objects.visible_to(request.user).filter(status__in=[Status.ACTIVE, Status.DRAFT])
    there = known.filter(client=person).exists() if person else known.exists()
    return Coverage.Order.SECONDARY if there else Coverage.Order.PRIMARY


def _add(request: HttpRequest, form: AddForm) -> bool:
    form.full_clean()
    if form.client:
        _take_cards(request, form, form.client)
    if form.client is None or not form.is_valid():
        return False
    try:
        proposals.add_coverage(form.client, form.said(), by=_login_of(request))
    except (CannotPropose, ValidationError) as refusal:
        _put_back(form, refusal)
    return not form.errors


def _take_cards(request: HttpRequest, form: FactsForm, client: Client) -> None:
    """Take the sides in that came, even if something else is to be corrected: a photo is not taken twice."""
    mine = Upload.objects.visible_to(request.user).filter(client=client, area=Area.PROFILE)
    for side in SIDES:
        picked = form.chosen(side)
        if picked.file:
            got = files.receive(picked.file, client=client, by=_login_of(request), area=Area.PROFILE)
            if got.upload:
                form.hold(side, got.upload)
            else:
                form.add_error(side, str(sentence(got.refusal or "")))
        elif picked.sent and (upload := mine.filter(pk=picked.sent).first()):
            form.hold(side, upload)


def _put_back(form: FactsForm, refusal: Exception) -> None:
    """What an action said, beside the fields that it is about."""
    if isinstance(refusal, ChangedMeanwhile):
        for name, words in refusal.words.items():
            form.add_error(name if name in form.fields else None, words)
    elif isinstance(refusal, ValidationError):
        form.add_error(None, refusal)
    elif isinstance(refusal, proposals.AlreadyThere):
        form.add_error("subscriber_id", str(refusal))
    else:
        form.add_error(None, str(refusal))


def _sent(request: HttpRequest) -> str:
    words = _("Sent for review. Until {practice} has checked it we keep the old value.")
    return words.format(practice=practice_of(request).name or _("the practice"))


def _kept_by_practice(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Your practice keeps the insurance itself. Please call us to change something."))
    return redirect("billing:insurance")


# One that is there ------------------------------------------------------------------------------


def _coverage(request: HttpRequest, pk: Any) -> Coverage:
    rows = Coverage.objects.visible_to(request.user).select_related("client")
    coverage: Coverage = get_object_or_404(rows, pk=pk)
    return coverage


def insurance_edit(request: HttpRequest, pk: Any) -> HttpResponse:
    coverage = _coverage(request, pk)
    if not _may_edit(request):
        return _kept_by_practice(request)
    if coverage.status not in {Status.DRAFT, Status.ACTIVE}:
        messages.info(request, _("This insurance has ended. Please add it again if you have it once more."))
        return redirect("billing:insurance")
    [policy] = _policies(request, [coverage])
    form = _edit_form(request, coverage, policy)
    if request.method == "POST" and _edit(request, form, coverage):
        messages.success(request, _sent(request))
        return redirect("billing:insurance")
    several = _people(request).count() > 1
    context = {"form": form, "policy": policy, "coverage": coverage, "several": several}
    return render(request, "billing/insurance_edit.html", context, status=422 if form.errors else 200)


def _edit_form(request: HttpRequest, coverage: Coverage, policy: Policy) -> EditForm:
    data, sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = EditForm(data, sent, coverage=coverage, wanted=wanted(coverage, [one.change for one in policy.waiting]))
    known = {str(upload.pk): upload for upload in _uploads_of(policy)}
    for side in SIDES:
        form.show(side, known.get(str(form.wanted[side])))
    return form


def _uploads_of(policy: Policy) -> list[Upload]:
    waiting = [one.picture for one in policy.waiting if one.picture]
    return [picture.upload for picture in (*policy.pictures, *waiting)]


def _edit(request: HttpRequest, form: EditForm, coverage: Coverage) -> bool:
    form.full_clean()
    _take_cards(request, form, coverage.client)
    if not form.is_valid():
        return False
    try:
        seen = form.seen()
        values = form.touched(seen["begins"])
        proposals.change_coverage(coverage, values, by=_login_of(request), shown=seen["now"])
    except BadSignature:
        form.add_error(None, _("This page was renewed. Please check what you typed, then send it once more."))
    except (CannotPropose, ChangedMeanwhile, ValidationError) as refusal:
        _put_back(form, refusal)
    return not form.errors


def insurance_end(request: HttpRequest, pk: Any) -> HttpResponse:
    coverage = _coverage(request, pk)
    if not _may_edit(request):
        return _kept_by_practice(request)
    if coverage.status != Status.ACTIVE:
        messages.info(request, _("Only an insurance that is valid can end."))
        return redirect("billing:insurance")
    data = request.POST if request.method == "POST" else None
    form = EndForm(data, coverage=coverage, initial={"valid_to": coverage.valid_to or today_here()})
    if form.is_valid() and _ask_to_end(request, form, coverage):
        messages.success(request, _sent(request))
        return redirect("billing:insurance")
    context = {"form": form, "coverage": coverage}
    return render(request, "billing/insurance_end.html", context, status=422 if form.errors else 200)


def _ask_to_end(request: HttpRequest, form: EndForm, coverage: Coverage) -> bool:
    try:
        proposals.ask_to_end(coverage, form.cleaned_data["valid_to"], by=_login_of(request))
    except (CannotPropose, ChangedMeanwhile) as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


@require_POST
def insurance_withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    coverage = _coverage(request, pk)
    try:
        proposals.withdraw_coverage(coverage, by=_login_of(request))
        messages.success(request, _("Withdrawn. The practice does not see it as new any more."))
    except ForbiddenMove as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:insurance")


@require_POST
def insurance_change_withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    change = get_object_or_404(CoverageChange.objects.visible_to(request.user), pk=pk)
    try:
        proposals.withdraw_change(change, by=_login_of(request))
        messages.success(request, _("Withdrawn. Everything stays as it was."))
    except ForbiddenMove as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:insurance")


@require_POST
def insurance_none(request: HttpRequest, pk: Any) -> HttpResponse:
    """“I have no insurance”, or with `is_so=no` that this is not so."""
    person = get_object_or_404(Client.objects.visible_to(request.user, Area.PROFILE), pk=pk)
    is_so = request.POST.get("is_so") != "no"
    try:
        proposals.say_uninsured(person, is_so, by=_login_of(request))
        messages.success(request, _sent(request) if is_so else _("Thank you. Please add the insurance now."))
    except (CannotPropose, ChangedMeanwhile) as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:insurance")
