"""On PostgreSQL the database itself refuses to change or delete a learning event."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE FUNCTION learning_event_is_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'learning events are never changed or deleted; append one that supersedes';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER learning_event_append_only BEFORE UPDATE OR DELETE ON learning_learningevent
    FOR EACH ROW EXECUTE FUNCTION learning_event_is_append_only();
"""
ALLOW = """
DROP TRIGGER IF EXISTS learning_event_append_only ON learning_learningevent;
DROP FUNCTION IF EXISTS learning_event_is_append_only();
"""


def forbid(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORBID)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
