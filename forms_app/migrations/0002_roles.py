"""What the staff's roles may do with these rows."""

from django.db import migrations

from accounts.permissions import grant_roles


def give(apps, schema_editor):
    grant_roles(apps, "forms_app")


def take(apps, schema_editor):
    apps.get_model("auth", "Permission").objects.filter(content_type__app_label="forms_app").delete()


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0001_initial"), ("accounts", "0007_erasure")]
    operations = [migrations.RunPython(give, take)]
