"""A Django group for each role: Wagtail's page and workflow permissions hang on groups."""

from __future__ import annotations

from django.db import migrations

ROLES = [
    "learner",
    "instructor",
    "reviewer",
    "centre_manager",
    "unit_officer",
    "observer",
    "administrator",
]
INTO_THE_ADMIN = ["instructor", "reviewer", "centre_manager", "administrator"]


def make_groups(apps, schema_editor):
    group_model = apps.get_model("auth", "Group")
    for role in ROLES:
        group_model.objects.get_or_create(name=role)
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="wagtailadmin", model="admin"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename="access_admin",
        defaults={"name": "Can access Wagtail admin"},
    )
    for role in INTO_THE_ADMIN:
        group_model.objects.get(name=role).permissions.add(permission)


def drop_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
    ]
    operations = [migrations.RunPython(make_groups, drop_groups)]
