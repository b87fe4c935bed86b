"""The staff's roles, and the table of the cache that all processes share."""

from django.db import migrations

from accounts.permissions import ROLES, grant_roles

CACHE = """
create table portal_cache (cache_key varchar(255) primary key, value text not null, expires timestamptz not null);
create index portal_cache_expires on portal_cache (expires);
"""


def give(apps, schema_editor):
    for app_label in ("accounts", "auth"):
        grant_roles(apps, app_label)


def take(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(give, take),
        migrations.RunSQL(CACHE, "drop table portal_cache"),
    ]
