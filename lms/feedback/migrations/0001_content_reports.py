"""What readers report about lessons and activities, and the answers."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContentReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "where",
                    models.CharField(
                        choices=[("lesson", "lesson"), ("activity", "activity")], max_length=8
                    ),
                ),
                (
                    "key",
                    models.UUIDField(help_text="translation_key of the lesson or the activity"),
                ),
                ("course_key", models.UUIDField(help_text="translation_key of the course page")),
                ("title", models.CharField(max_length=255)),
                ("language", models.CharField(max_length=12)),
                ("place", models.CharField(blank=True, max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("wrong", "Something is wrong"),
                            ("outdated", "The law has changed"),
                            ("typo", "Misspelt"),
                            ("broken", "Something does not work"),
                            ("other", "Something else"),
                        ],
                        max_length=8,
                    ),
                ),
                ("text", models.TextField()),
                ("show_name", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("later", "will be mended later"),
                            ("mended", "mended"),
                            ("no_fault", "not a fault"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "read_at",
                    models.DateTimeField(help_text="when the reporter saw the answer", null=True),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["state", "at"], name="report_by_state"),
                    models.Index(fields=["reporter", "answered_at"], name="report_by_reporter"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("reporter", "where", "key", "place"),
                        name="one_open_report_on_a_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"), ("answered_at__isnull", False), _connector="OR"
                        ),
                        name="answered_report_has_a_time",
                    ),
                ],
            },
        ),
    ]
