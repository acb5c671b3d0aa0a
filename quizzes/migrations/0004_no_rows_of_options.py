from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0003_options_into_bodies")]

    operations = [migrations.DeleteModel(name="QuestionOption")]
