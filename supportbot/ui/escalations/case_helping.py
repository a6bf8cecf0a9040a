"""Help with a reply: a draft that streams into the composer, and a summary. Nothing is sent by itself."""

import logging
from contextlib import aclosing
from uuid import UUID, uuid4

import reflex as rx

from supportbot import access
from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.escalations import notes
from supportbot.ids import new_id
from supportbot.logs import log_trouble
from supportbot.models import Staff
from supportbot.ui import routes
from supportbot.ui.pages import connected
from supportbot.ui.session import signed_in

log = logging.getLogger(__name__)

NOT_NOW = "This could not be written at the moment. Please try again."


class Helping(rx.State, mixin=True):
    """What the assistant writes for the person who answers."""

    drafting: bool = False
    summary: str = ""
    summarising: bool = False
    drafting_article: bool = False

    _draft: str = ""
    """Names the draft that is being written; another one, or none, ends it."""

    async def _begin_help(self, kind: str):
        """Check who asks for help with the conversation in the address, and how often; its id."""
        staff = await self._staff()
        conversation = await access.conversation_for_staff(desk().database, staff, self._here())
        await desk().rate_limits.generic(kind, str(staff.id))
        return conversation.id

    async def _write_draft(self, conversation_id: UUID):
        """Stream a draft into the composer, as long as nobody stops it. Called outside the state's lock.

        It ends too when whoever asked for it is signed out meanwhile, or has gone to another conversation.
        """
        mine = uuid4().hex
        async with self:
            if self.case != str(conversation_id):
                return None
            self._draft, self.drafting, client = mine, True, self.router.session.client_token
            credentials = self._credentials()
            self._insert("", "replace", drafted=True)
        try:
            text = ""
            async with aclosing(desk().reply_help.draft(conversation_id)) as pieces:
                async for piece in pieces:
                    text += piece
                    # It was begun by a click: nothing else ends it when the page leaves.
                    if not await connected(client):
                        return None
                    still = await signed_in(credentials)
                    async with self:
                        if self._draft != mine:
                            return None
                        if not still:
                            return self._sign_in()
                        self.inserted = text
        except SupportError as refusal:
            await self._say_why_not(refusal, conversation_id)
        except Exception as error:
            log_trouble(log, "a draft broke off", error)
            await self._say_why_not(SupportError(NOT_NOW), conversation_id)
        finally:
            async with self:
                if self._draft == mine:
                    self._draft, self.drafting = "", False
        return None

    async def _write_summary(self, conversation_id: UUID):
        """Have the conversation summed up, for whoever is still signed in then. Outside the state's lock."""
        async with self:
            credentials = self._credentials()
        try:
            written = await desk().reply_help.summarise(conversation_id)
            still = await signed_in(credentials)
            async with self:
                if not still:
                    return self._sign_in()
                if self.case == str(conversation_id):
                    self.summary = written[: notes.NOTE_CHARACTERS]
        except SupportError as refusal:
            await self._say_why_not(refusal, conversation_id)
        except Exception as error:
            log_trouble(log, "a summary could not be written", error)
            await self._say_why_not(SupportError(NOT_NOW), conversation_id)
        finally:
            async with self:
                self.summarising = False
        return None

    async def _write_article(self, conversation_id: UUID):
        """Draft an article from the conversation, and go there if the page still shows it."""
        try:
            async with self:
                credentials, staff = self._credentials(), await self._staff()
            article = await desk().article_help.from_conversation(conversation_id, staff)
            still = await signed_in(credentials)
            async with self:
                if not still:
                    return self._sign_in()
                if self.case == str(conversation_id):
                    return rx.redirect(routes.article(article))
        except SupportError as refusal:
            await self._say_why_not(refusal, conversation_id)
        except Exception as error:
            log_trouble(log, "an article could not be drafted", error)
            await self._say_why_not(SupportError(NOT_NOW), conversation_id)
        finally:
            async with self:
                self.drafting_article = False
        return None

    async def _say_why_not(self, refusal: SupportError, conversation_id: UUID) -> None:
        """Say why help did not come, unless the page shows another conversation by now."""
        async with self:
            if self.case == str(conversation_id):
                self._refuse(refusal)

    @rx.event
    async def stop_draft(self):
        """End the draft; what is there stays."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._draft, self.drafting = "", False
        return None

    @rx.event
    async def keep_summary(self):
        """Keep the summary as a note."""
        words = self.summary

        async def keep(database, live, conversation_id, staff: Staff) -> None:
            if words:
                await notes.note(database, live, conversation_id, staff, words, str(new_id()))
                self.summary = ""

        return await self._do(keep)

    @rx.event
    async def drop_summary(self):
        """Take the summary away."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self.summary = ""
        return None
