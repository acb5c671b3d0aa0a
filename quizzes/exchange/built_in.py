"""The formats that come with the quizzes, in the order in which a file is tried."""

from quizzes.exchange.aiken import AikenFormat
from quizzes.exchange.gift import GiftFormat
from quizzes.exchange.moodle_xml import MoodleXmlFormat
from quizzes.exchange.qti_package import QtiFormat
from quizzes.exchange.table import TableFormat
from quizzes.exchange.word import WordFormat

# What a name alone tells comes last: a package may have any.
FORMATS = (
    *(MoodleXmlFormat(), QtiFormat()),
    *(WordFormat(), TableFormat()),
    *(AikenFormat(), GiftFormat()),
)
