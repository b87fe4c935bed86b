"""What the staff's roles may do with these rows."""

from django.db import migrations

from accounts.permissions import grant_roles


def give(apps, schema_editor):
    grant_roles(apps, "appointments")
    grant_roles(apps, "uploads", only={"uploads.open_appointments_files"})


def take(apps, schema_editor):
    apps.get_model("auth", "Permission").objects.filter(content_type__app_label="appointments").delete()


class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial"), ("uploads", "0003_not_sent_yet")]
    operations = [migrations.RunPython(give, take)]
