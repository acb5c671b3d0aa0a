"""Names sort by code point, as their keys are made for: other collations pass over the spaces.

SQLite compares so by itself.
"""

from __future__ import annotations

from django.db import migrations

COLUMN = 'ALTER TABLE people_person ALTER COLUMN sort_key TYPE varchar(400) COLLATE "{}"'


def by_code_point(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(COLUMN.format("C"))


def by_the_collation_of_the_database(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(COLUMN.format("default"))


class Migration(migrations.Migration):
    dependencies = [("people", "0003_role_permissions")]
    operations = [migrations.RunPython(by_code_point, by_the_collation_of_the_database)]
