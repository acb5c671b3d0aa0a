"""What the roles may do with people in the admin. Rows are limited by `visible_to` besides."""

from __future__ import annotations

from django.db import migrations

ROWS = ["person", "appointment"]
LISTS = ["unit", "position", "unitkind", "trainingcentre", "centreservice"]
VERBS = {
    "centre_manager": {
        **{model: ["view", "add", "change"] for model in ROWS},
        "unit": ["view"],
    },
    "administrator": {
        **{model: ["view", "add", "change", "delete"] for model in [*ROWS, *LISTS, "user"]},
        "rolegrant": ["view", "add", "change"],
    },
}


def permissions_of(apps, role):
    content_type_model = apps.get_model("contenttypes", "ContentType")
    permission_model = apps.get_model("auth", "Permission")
    for model, verbs in VERBS[role].items():
        content_type, _ = content_type_model.objects.get_or_create(app_label="people", model=model)
        name = apps.get_model("people", model)._meta.verbose_name_raw
        for verb in verbs:
            yield permission_model.objects.get_or_create(
                content_type=content_type,
                codename=f"{verb}_{model}",
                defaults={"name": f"Can {verb} {name}"},
            )[0]


def give(apps, schema_editor):
    for role in VERBS:
        group = apps.get_model("auth", "Group").objects.get_or_create(name=role)[0]
        group.permissions.add(*permissions_of(apps, role))


def take_back(apps, schema_editor):
    for role in VERBS:
        for group in apps.get_model("auth", "Group").objects.filter(name=role):
            group.permissions.remove(*permissions_of(apps, role))


class Migration(migrations.Migration):
    dependencies = [("people", "0002_role_groups")]
    operations = [migrations.RunPython(give, take_back)]
