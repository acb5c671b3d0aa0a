"""When somebody read what is held about them and who sees it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_record_accesses"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="notice_read_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="privacy notice read at"
            ),
        ),
    ]
