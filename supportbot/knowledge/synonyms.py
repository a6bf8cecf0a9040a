"""What customers call the things that support articles call otherwise.

General words of customer support in English, written by hand. A company's own words belong into its
articles. A word may stand in several groups; a phrase counts where its words stand side by side.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from supportbot.knowledge.words import stem, terms

_GROUPS = """
refund, reimburse, repay, money back, chargeback
cancel, terminate, unsubscribe, stop, quit, end, leave
delete, remove, erase, wipe, purge, destroy, deletion, get rid
gone, deleted, erased, disappeared, vanished, missing, lost
restore, recover, undelete, retrieve, bring back, get back, recovery
trash, bin, recycle
price, cost, pricing, fee, tariff, expensive, how much
pay, payment, charge, billing, bill
invoice, bill, receipt, statement
card, visa, mastercard, amex
plan, tier, subscription, package, tariff
renew, renewal
prorated, credit, remaining, unused, rest
free, gratis, trial
trial, demo, evaluation, try out
discount, coupon, voucher, promo, cheaper, rebate, reduction, nonprofit
overdue, unpaid, nonpayment, declined, failed payment
upgrade, downgrade, switch plan
buy, purchase, order
deliver, delivery, ship, shipping, dispatch, arrive
return, exchange, send back
login, log in, sign in, signin, log on, logon
logout, log out, sign out
password, passcode, passphrase, credentials
signup, sign up, register, registration, enroll, new users
2fa, mfa, two factor, two step, authenticator, verification code, otp
sso, saml, single sign, okta, identity provider
account, profile
email, mail, mailbox, inbox, emails, e mail
notification, notify, alert, alarm, reminder, warn, warning, siren
repeated, recurring, again and, over and over, nag, repeat, every
sms, text message, text messages, texts
phone, telephone, mobile, cell, smartphone
team, group, organization, workspace
member, user, colleague, coworker, teammate, employee, staff, people, person
seat, license, licence, user
invite, invitation, add people
kick out, remove member
owner, owns, ownership, belong, administrator, admin, manager
boss, employer, manager, administrator, admin
permission, role, access, rights, allowed, privilege
read only, view only
transfer, move, migrate, reassign, hand over, migration
copy, duplicate, clone, replicate, cloning
export, download, backup, extract
import, upload, importer
file, document, attachment
picture, image, photo, logo, avatar, icon
badge, indicator, status image
error, failure, fail, failed, crash, broken, break, broke, fault
bug, defect, problem
slow, lag, performance, delay
hang, hung, stuck, freeze, timeout, unresponsive
retry, retries, try again
late, delay, delayed, behind, overdue
outage, downtime, down, unavailable, uptime, offline
limit, quota, maximum, cap, restriction, allowance, max
limit, rate, often, too many
schedule, timetable, recurring, cron
duration, execution time, run time, timing, how long
history, log, record, audit, activity, past
retention, keep, kept, stored, how long
output, log, result
setting, configuration, option, preference, config, configure, variable, parameter
install, setup, deploy, installation, set up
instance, installation, install, self hosted, own server
server, host, machine, computer, box
container, docker, image
security, secure, safe, safety, protect, protection
vulnerability, hole, exploit, flaw, weakness, security problem
encrypted, encrypt, encryption
leak, expose, disclose, reveal
privacy, private, personal, confidential
data, information, content
sell, share, disclose, third party, advertisers
read, look, access, view
police, law enforcement, court, authorities, government, subpoena
legal, law, lawyer, attorney
appeal, dispute, contest, fight, object
report, complain, complaint
abuse, harass, harassment, threat, threaten, bully
ban, suspend, block, kick, kicked, disable, freeze, frozen, lock, terminate
died, dead, death, deceased, passed away
tax, vat, gst, sales tax
url, link, address, endpoint
key, token, secret
contact, reach, support, get in touch, help
guarantee, promise, warranty, sla
policy, terms, rules, conditions
edit, change, modify, update, amend, alter, swap
replace, swap, exchange, substitute
create, add, make, new, set up
show, display, view
embed, include
enable, activate, turn on, switch on
disable, deactivate, turn off, switch off
pause, snooze, mute, silence, hold
ignore, filter, skip, exclude
uppercase, capitals, case sensitive, lowercase
company, business, organization, firm
trust, accept
certificate, tls, ssl, https
cleanup, clean, prune
website, homepage, site, web page
warning, notice, beforehand, advance
additional, extra, more
"""

Phrase = tuple[str, ...]
"""Stems that stand side by side; most often a single one."""


Synonyms = Mapping[Phrase, tuple[Phrase, ...]]
"""For each word or phrase the others it may stand for."""


@lru_cache(maxsize=4)
def synonyms_of(groups: str) -> Synonyms:
    """The synonyms of a house: on each line names with commas between them, in any language."""
    found: dict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    for line in groups.splitlines():
        names = [phrase for name in line.split(",") if (phrase := tuple(terms(name))[:LONGEST_OF_HOUSE])]
        for name in names:
            found[name].update(dict.fromkeys(other for other in names if other != name))
    return {name: tuple(others) for name, others in found.items()}


@lru_cache(maxsize=4)
def _names(groups: str) -> tuple[dict[str, str], ...]:
    """Each line's names with their terms, between spaces."""
    return tuple(
        {name.strip(): f" {' '.join(terms(name))} " for name in line.split(",") if name.strip()}
        for line in groups.splitlines()
    )


def in_other_words(question: str, groups: str) -> str:
    """A question with what else the house calls the things in it: what a model never heard of it can read."""
    if not groups:
        return question
    asked = f" {' '.join(terms(question[:LONGEST_ASKED]))} "
    said: dict[str, None] = {}
    for names in _names(groups):
        if any(name in asked for name in names.values()):
            said.update(dict.fromkeys(name for name, words in names.items() if words not in asked))
    return f"{question} ({', '.join(said)})" if said else question


def _read(groups: str) -> dict[Phrase, tuple[Phrase, ...]]:
    found: dict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    for group in groups.strip().splitlines():
        names = [tuple(stem(word) for word in name.split()) for name in group.split(",")]
        for name in names:
            found[name].update(dict.fromkeys(other for other in names if other != name))
    return {name: tuple(others) for name, others in found.items()}


SYNONYMS = _read(_GROUPS)
"""For each word or phrase (as stems) the others it may stand for."""

LONGEST_ASKED = 1_000
"""Characters of a question in which names are looked for."""

LONGEST_OF_HOUSE = 6
"""Words of a name in the settings; further ones are not read."""

LONGEST_PHRASE = max(LONGEST_OF_HOUSE, *(len(name) for name in SYNONYMS))
