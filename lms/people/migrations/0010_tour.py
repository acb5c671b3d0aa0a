"""When the first steps were read or skipped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_privacy_notice"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="tour_ended_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="first steps read or skipped at"
            ),
        ),
    ]
