"""Pages beside the courses: help and contact."""

import django.db.models.deletion
import wagtail.fields
from django.conf import settings
from django.db import migrations, models

LENGTH = 4  # of a step in the path of a page


def take_pages_out(apps, schema_editor):
    """Backwards: the pages go before their tables; else pages without a kind would be left."""
    page_model = apps.get_model("wagtailcore", "Page")
    for name in ("HelpPage", "ContactPage"):
        paths = apps.get_model("content", name).objects.order_by("-depth").values_list("path")
        for (path,) in list(paths):
            page_model.objects.filter(path=path[:-LENGTH]).update(numchild=models.F("numchild") - 1)
            page_model.objects.filter(path=path).delete()
    # So that a later load makes them anew.
    apps.get_model("content", "ImportedText").objects.filter(path__startswith="help/").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0002_module_introduction"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("body", wagtail.fields.RichTextField(blank=True, verbose_name="text")),
                (
                    "postal_address",
                    models.TextField(blank=True, max_length=400, verbose_name="address"),
                ),
                ("phone", models.CharField(blank=True, max_length=80, verbose_name="phone")),
                (
                    "hours",
                    models.TextField(blank=True, max_length=400, verbose_name="opening hours"),
                ),
            ],
            options={
                "verbose_name": "contact page",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="HelpPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("body", wagtail.fields.RichTextField(blank=True, verbose_name="text")),
            ],
            options={
                "verbose_name": "help page",
                "verbose_name_plural": "help pages",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.RunPython(migrations.RunPython.noop, take_pages_out),
    ]
