from django.db import models


class Broken(models.Model):
    parent = models.ForeignKey("broken_models.Missing")
