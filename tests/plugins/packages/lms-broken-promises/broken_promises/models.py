from django.db import models

from modules.content.models import Activity


class Promise(Activity):
    number = models.IntegerField(default=0)
    seen = models.IntegerField(default=0)


class Kept(models.Model):
    attempt = models.ForeignKey("learning.Attempt", models.CASCADE)
