from lms.feedback.models.reports import ContentReport

__all__ = ["ContentReport"]
