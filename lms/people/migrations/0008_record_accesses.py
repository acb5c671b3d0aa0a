"""Who looked at, took out or changed what is held about somebody else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0007_person_merges")]

    operations = [
        migrations.CreateModel(
            name="RecordAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("viewed", "viewed"),
                            ("exported", "exported"),
                            ("changed", "changed"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("subject", models.CharField(max_length=40, verbose_name="of what")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accesses",
                        to="people.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "access to a record",
                "verbose_name_plural": "accesses to records",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["person", "-at"], name="accesses_of_a_person")],
            },
        ),
    ]
