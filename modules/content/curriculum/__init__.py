"""Courses kept as readable text: read them (`reading`), bring them into the site (`loader`)."""
