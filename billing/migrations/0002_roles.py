"""What the staff's roles may do with these rows."""

from django.db import migrations

from accounts.permissions import grant_roles


def give(apps, schema_editor):
    grant_roles(apps, "billing")


def take(apps, schema_editor):
    apps.get_model("auth", "Permission").objects.filter(content_type__app_label="billing").delete()


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("accounts", "0006_roles_of_the_profile")]
    operations = [migrations.RunPython(give, take)]
