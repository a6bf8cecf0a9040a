"""Conversations people had and finished: resolved, handed back, given up."""

from supportbot.commands.demo_stories.steps import (
    ALEX,
    CHROME_ANDROID,
    DAY,
    EDGE_WINDOWS,
    FIREFOX_LINUX,
    HOUR,
    SAFARI_IPHONE,
    SAFARI_MAC,
    SAM,
    Answers,
    Claims,
    Escalates,
    HandsBack,
    Junks,
    NoLongerWaits,
    Notes,
    Replies,
    Resolves,
    Says,
    Story,
    Tags,
    TakesOver,
)
from supportbot.models import Reason, Trigger

CLOSED: tuple[Story, ...] = (
    Story(
        ago=6.1 * DAY,
        name="Helen Marsh",
        email="helen@marsh.example",
        browser=SAFARI_MAC,
        steps=(
            Says("I want my money back, the trial charged me"),
            Escalates(
                Reason.REFUND_OR_ACCOUNT_CHANGE, Trigger.POLICY, "Her money back: the trial charged her."
            ),
            8,
            Claims(SAM),
            2,
            Replies(
                SAM, "Hello Helen, the charge was ours by mistake. $90 are on their way back to your card."
            ),
            5,
            Says("Thanks so much!"),
            1,
            Resolves(SAM),
        ),
    ),
    Story(
        ago=5.5 * DAY,
        name="Victor Hale",
        browser=CHROME_ANDROID,
        steps=(
            Says("you are all thieves"),
            Answers("I am sorry that you feel this way. What happened?"),
            1,
            Says("never mind, my colleague had cancelled, found it"),
            Answers("Good that it is cleared up. I am here if anything else comes up.", rated=1),
        ),
    ),
    Story(
        ago=5 * DAY,
        name="Nadia Petrova",
        email="nadia@petrova.example",
        steps=(
            Says("How long are backups kept?"),
            Answers(
                "Backups are made every day and kept for 35 days.",
                ("Data protection, GDPR and reporting a vulnerability|data-protection#Backups",),
            ),
            2,
            Says("Can you restore one board from a backup?"),
            Answers(
                "Backups protect against failures on our side; single boards cannot be restored from "
                "them. The "
                "trash keeps deleted boards for 30 days, on Business for 90.",
                ("Data protection, GDPR and reporting a vulnerability|data-protection#Backups",),
                rated=-1,
            ),
            1,
            Says("Please let me talk to a human"),
            Escalates(Reason.ASKED_FOR_PERSON),
            15,
            Claims(ALEX),
            3,
            Replies(
                ALEX, "Hello Nadia, I found the board in the trash of another workspace and restored it."
            ),
            2,
            Says("you're a lifesaver"),
            1,
            Resolves(ALEX),
        ),
    ),
    Story(
        ago=4.3 * DAY,
        browser=SAFARI_IPHONE,
        steps=(
            Says("agent"),
            Escalates(Reason.ASKED_FOR_PERSON),
            6,
            NoLongerWaits(),
            1,
            Says("how do I archive a board"),
            Answers(
                "Open the board, select **…** at the top right, then **Archive board**.",
                ("Archive boards and restore deleted items|archive-and-restore#Archive a board or project",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=3.6 * DAY,
        name="Ali Reza",
        email="ali@reza.example",
        browser=FIREFOX_LINUX,
        steps=(
            Says("Our SAML login loops since the certificate was renewed"),
            Answers(
                "Upload the new certificate under **Settings > Security > Single sign-on**. Until it is "
                "there, "
                "the owner can sign in with a password.",
                ("Single sign-on|single-sign-on",),
            ),
            4,
            Says("uploaded, still loops"),
            Escalates(
                Reason.CANNOT_RESOLVE,
                Trigger.MODEL,
                "Sign-in by SAML to work: it loops since the certificate was renewed.",
            ),
            18,
            Claims(SAM),
            4,
            Replies(SAM, "The old certificate was still listed first. I removed it; please try again."),
            3,
            Says("works now"),
            Tags(SAM, ("sso",)),
            1,
            HandsBack(
                SAM,
                "The old certificate was listed first and is gone; sign-in works. Further questions about "
                "setting SSO up are yours to answer.",
            ),
            20,
            Says("can I set it so that everybody has to use SSO?"),
            Answers("Yes: **Settings > Security > Single sign-on > Require for all members**.", rated=1),
        ),
    ),
    Story(
        ago=2.5 * DAY,
        name="Grace Kim",
        email="grace@kim.example",
        browser=EDGE_WINDOWS,
        steps=(
            Says("I cannot find the cancel button"),
            Answers(
                "Only the owner and billing managers see it: **Settings > Billing > Plan > Cancel**.",
                ("Cancel your subscription|cancel-your-subscription#I cannot find the Cancel button",),
            ),
            2,
            Says("I am the owner"),
            TakesOver(ALEX),
            1,
            Replies(
                ALEX,
                "Hello Grace, your plan is billed through a reseller, so the button is hidden. Here is how…",
            ),
            6,
            Says("Understood, thank you Alex"),
            1,
            Resolves(ALEX),
        ),
    ),
    Story(
        ago=1.9 * DAY,
        name="Samir Nasser",
        email="samir@nasser.example",
        steps=(
            Says("Where is my refund? It has been 11 business days."),
            Escalates(
                Reason.REFUND_OR_ACCOUNT_CHANGE,
                Trigger.MODEL,
                "The refund that has not arrived after 11 business days.",
            ),
            25,
            Claims(ALEX),
            5,
            Replies(
                ALEX, "Your bank returned it because the card has expired. I need an IBAN to send it again."
            ),
            Tags(ALEX, ("billing", "refund")),
            Notes(
                ALEX, "The bank's refusal is in the payment provider's log, 14:02. No second card on file."
            ),
            HOUR,
            Says("I sent it by e-mail"),
            10,
            Replies(ALEX, "It has arrived, and the transfer is on its way. It takes one to two days."),
            1,
            Resolves(ALEX),
        ),
    ),
    Story(
        ago=1.2 * DAY,
        name="Eva Horváth",
        browser=SAFARI_MAC,
        steps=(
            Says("Is there an uptime commitment for Team?"),
            Answers(
                "No, only for Business: 99.9 %.",
                ("Plans and prices|plans-and-prices#What each plan includes",),
            ),
            2,
            Says("Could someone from sales tell me about Business for 200 people?"),
            Escalates(Reason.ASKED_FOR_PERSON),
            11,
            Claims(SAM),
            2,
            Replies(SAM, "Hello Eva, I have passed it on; Clara from sales will write to you today."),
            Tags(SAM, ("sales",)),
            1,
            HandsBack(SAM, "Clara from sales writes to her today by e-mail. Quote no prices for 200 seats."),
        ),
    ),
    Story(
        ago=22 * HOUR,
        name="Tyrone Banks",
        email="tyrone@banks.example",
        browser=CHROME_ANDROID,
        steps=(
            Says("the timer did not stop over night and now I have 14 hours on one task"),
            Answers(
                "Open the task, select the entry under **Time**, and correct its end. Your reports "
                "change with it.",
                ("Time tracking and timesheets|time-tracking#I forgot to stop the timer",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=9 * HOUR,
        name="Agnieszka Wójcik",
        email="agnieszka@wojcik.example",
        browser=FIREFOX_LINUX,
        steps=(
            Says("Invitations to @wojcik.example never arrive"),
            Answers(
                "Ask your mail administrator to allow `mail.acme.example`, then send the invitation again.",
                ("Emails are not arriving|emails-not-arriving",),
            ),
            3,
            Says("I am the administrator and nothing is blocked"),
            Escalates(
                Reason.CANNOT_RESOLVE,
                Trigger.MODEL,
                "Invitations to @wojcik.example to arrive; nothing is blocked.",
            ),
            14,
            Claims(SAM),
            7,
            Replies(
                SAM, "Our mail server had your domain on a bounce list. I removed it and sent all five again."
            ),
            2,
            Says("They are here. Dziękuję!"),
            1,
            Resolves(SAM),
        ),
    ),
    Story(
        ago=6.5 * HOUR,
        name="SEO Team",
        email="offers@rank-first.example",
        page="https://www.acme.example/",
        steps=(
            Says(
                "Dear website owner, we can bring your site to the FIRST page within 7 days. 500 links for "
                "only $49, limited offer, reply YES to begin"
            ),
            Answers("I can only help with questions about Acme."),
            40,
            Junks(ALEX),
        ),
    ),
)
