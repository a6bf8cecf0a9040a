"""The conversations `python -m supportbot demo` fills a database with, and how they are played."""

from supportbot.commands.demo_stories.answered import ANSWERED
from supportbot.commands.demo_stories.claimed import CLAIMED
from supportbot.commands.demo_stories.closed import CLOSED
from supportbot.commands.demo_stories.steps import Story
from supportbot.commands.demo_stories.waiting import WAITING

STORIES: tuple[Story, ...] = (*ANSWERED, *WAITING, *CLAIMED, *CLOSED)
