"""The settings of production for a site of invented people, which production itself refuses."""

from lms.settings.production import *  # noqa: F403 -- starts from production, as they do

LMS_PRODUCTION = False
