"""What came with the profile: who decides on proposed changes, who may erase."""

from django.db import migrations

from accounts.permissions import grant_roles

NEW = {"accounts.view_profilechange", "accounts.change_profilechange", "accounts.erase_client"}


def give(apps, schema_editor):
    grant_roles(apps, "accounts", only=NEW)


def take(apps, schema_editor):
    names = [grant.removeprefix("accounts.") for grant in NEW]
    apps.get_model("auth", "Permission").objects.filter(content_type__app_label="accounts", codename__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_profile")]
    operations = [migrations.RunPython(give, take)]
