"""Options were rows of their own and plain text; now they are in the body, as rich text.

Questions, their drafts and revisions, and the versions that attempts keep. Back again, what only a
body can hold (pictures, credits, other kinds than choices) is lost: options become plain text.
"""

import html
import json
import re
import uuid

from django.db import connection, migrations


def forwards(apps, schema_editor):
    rows = {}
    for option in apps.get_model("quizzes", "QuestionOption").objects.order_by("sort_order", "pk"):
        rows.setdefault(option.question_id, []).append(
            (option.key, option.text, option.is_correct, option.feedback)
        )
    for pk, type_key in apps.get_model("quizzes", "Question").objects.values_list("pk", "type_key"):
        write_body(pk, json.dumps(body(type_key, rows.get(pk, []))))
    for revision in revisions(apps):
        options = revision.content.pop("options", None)
        if options is None:
            continue
        options.sort(key=lambda each: each.get("sort_order") or 0)
        found = [(o["key"], o["text"], o["is_correct"], o["feedback"]) for o in options]
        revision.content["body"] = json.dumps(body(revision.content["type_key"], found))
        revision.content.setdefault("hints", "[]")
        revision.save(update_fields=["content"])
    for version in apps.get_model("quizzes", "QuestionVersion").objects.iterator():
        for option in version.data.get("options", ()):
            option["text"] = html.escape(option["text"], quote=False)
            option["credit"] = None
            option["feedback"] = no_block_keys(option["feedback"])
        for name in ("prompt", "explanation"):
            version.data[name] = no_block_keys(version.data[name])
        version.data["hints"] = []
        if version.type_key == "multiple_choice":
            version.data["scheme"] = "shares"
        type(version).objects.filter(pk=version.pk).update(data=version.data)


def backwards(apps, schema_editor):
    option_model = apps.get_model("quizzes", "QuestionOption")
    for pk, raw in read_bodies():
        for at, row in enumerate(options_of(raw)):
            option_model.objects.create(question_id=pk, sort_order=at, **row)
    for revision in revisions(apps):
        raw = revision.content.pop("body", None)
        revision.content.pop("hints", None)
        if raw is not None:
            revision.content["options"] = [
                {"pk": None, "question": revision.content["pk"], "sort_order": at, **row}
                for at, row in enumerate(options_of(raw))
            ]
            revision.save(update_fields=["content"])
    for version in apps.get_model("quizzes", "QuestionVersion").objects.iterator():
        for option in version.data.get("options", ()):
            option["text"] = plain(option["text"])
            option.pop("credit", None)
        version.data.pop("hints", None)
        version.data.pop("scheme", None)
        type(version).objects.filter(pk=version.pk).update(data=version.data)


def body(type_key, options):
    if not type_key:
        return []
    value = {
        "options": [
            {
                "type": "item",
                "id": key,
                "value": {
                    "text": f"<p>{html.escape(text, quote=False)}</p>",
                    "correct": is_correct,
                    "credit": None,
                    "feedback": feedback,
                },
            }
            for key, text, is_correct, feedback in options
        ]
    }
    if type_key == "multiple_choice":
        value["scheme"] = "shares"
    return [{"type": type_key, "value": value, "id": str(uuid.uuid4())}]


def options_of(raw):
    blocks = json.loads(raw) if isinstance(raw, str) else raw or []
    for item in blocks[0]["value"].get("options", []) if blocks else []:
        value = item["value"]
        yield {
            "key": item["id"][:16],
            "text": plain(value["text"]),
            "is_correct": value["correct"],
            "feedback": value["feedback"],
        }


def no_block_keys(text):
    return re.sub(r' data-block-key="[A-Za-z0-9]{1,16}"(?=[^<>]*>)', "", text)


def plain(text):
    return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()


def revisions(apps):
    # Kinds of content have no rows yet where the tables are only being made.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    question = content_types.filter(app_label="quizzes", model="question").first()
    found = apps.get_model("wagtailcore", "Revision").objects.filter(base_content_type=question)
    return found.iterator() if question else ()


def write_body(pk, raw):
    # By hand: the field of this moment knows no blocks and would drop what it does not know.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE quizzes_question SET body = %s WHERE id = %s", [raw, pk])


def read_bodies():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, body FROM quizzes_question")
        return cursor.fetchall()


class Migration(migrations.Migration):
    dependencies = [
        ("quizzes", "0002_bodies_and_behaviours"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
