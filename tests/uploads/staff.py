"""What tests of the staff's pages about files share."""

from django.contrib.messages import get_messages
from django.urls import reverse

from uploads.models import Upload


def page_of(row):
    return reverse(f"admin:uploads_{row._meta.model_name}_change", args=[row.pk])


def way(upload, word):
    return reverse(f"admin:uploads_upload_{word}", args=[upload.pk])


def press(browser, row, word, **data):
    """Press a button of a row's page, and hear what the next page says."""
    answer = browser.post(reverse(f"admin:uploads_{row._meta.model_name}_do", args=[row.pk, word]), data)
    return told(answer), answer


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def listed(browser, name, **query):
    answer = browser.get(reverse(f"admin:uploads_{name}_changelist"), query)
    assert answer.status_code == 200, answer
    return list(answer.context["cl"].result_list)


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def changed(upload, **fields):
    Upload.objects.filter(pk=upload.pk).update(**fields)
    return again(upload)
