"""lists and search"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

WAS_OPEN = "status <> 'resolved' AND last_seq > 0"
OPEN = "status <> 'resolved' AND last_seq > 0 AND snoozed_until IS NULL"
WAS_RESOLVED = "status = 'resolved' AND junk_at IS NULL AND last_seq > 0"
RESOLVED = "status = 'resolved' AND junk_at IS NULL AND snoozed_until IS NULL AND last_seq > 0"

# What search finds is kept by the database, so that no writer can forget it. `fts_said` has an entry for each
# message that has ended and was not taken back, each subject and each tag, the newest with the highest
# number; `fts_customer` one for each customer with a name, an address or an account. On SQLite their words
# stand in full-text tables without a text of their own, on PostgreSQL in the column `words`.
#
# A migration that builds one of these tables anew (SQLite's batch mode) loses its triggers and has to create
# them again: tests/escalations/test_search.py notices.

UNSPACED = (
    '\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3006\u3040-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf'
    '\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff'
)
"""Scripts without spaces between words: each character is found together with the one after it."""

SEPARATORS = (
    '\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u00d7\\u00f7\\u2000-\\u2bff\\u2e00-\\u2e7f'
    '\\u3000-\\u3004\\u3007-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe6f\\ufff0-\\uffff'
    '\\U0001f000-\\U0001faff'
)
"""On PostgreSQL, whose own parser reads other words in each locale; SQLite goes by Unicode's categories."""

KEPT = "{0}.kind <> 'event' AND {0}.state NOT IN ('streaming', 'superseded') AND {0}.content <> ''"
"""Of messages: so an answer is indexed when it has ended, not each second while it runs."""

LONGEST = 20_000
"""Characters of a text in an unspaced script, or of an address, that SQLite takes apart."""

BLOCK = 10_000
"""Entries whose words PostgreSQL's index keeps together, see supportbot/escalations/search_index.py."""


def partial(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def upgrade() -> None:
    for index in ('ix_conversation_open', 'ix_conversation_resolved'):
        op.drop_index(index, table_name='conversation')
    partial('ix_conversation_open', 'conversation', ['updated_at'], OPEN)
    partial('ix_conversation_resolved', 'conversation', ['updated_at'], RESOLVED)
    partial('ix_conversation_assigned', 'conversation', ['assigned_staff_id', 'updated_at'], 'assigned_staff_id IS NOT NULL')
    partial('ix_conversation_resolved_language', 'conversation', ['language', 'updated_at'], RESOLVED)
    partial('ix_handoff_claims', 'handoff', ['claimed_at'], 'claimed_at IS NOT NULL')
    partial('ix_outcome_reason', 'outcome', ['handoff_reason', 'updated_at'], 'handoff_reason IS NOT NULL')
    partial('ix_visitor_proven_email', 'visitor', ['email'], 'email_verified_at IS NOT NULL')
    op.drop_index('ix_conversation_tag_tag', table_name='conversation_tag')
    op.create_index('ix_conversation_tag_tag', 'conversation_tag', ['tag', 'conversation_id'])
    if op.get_bind().dialect.name == 'sqlite':
        statements = sqlite_index()
    else:
        statements = postgresql_index(lower(op.get_bind()))
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        statements = [f'DROP TRIGGER {name}' for name, *_ in sqlite_triggers()]
        tables = ('fts_said_terms', 'fts_customer_terms', 'fts_said_words', 'fts_customer_words', 'fts_number')
        statements += [f'DROP TABLE {table}' for table in (*tables, 'fts_said', 'fts_customer')]
    else:
        statements = [f'DROP FUNCTION fts_{table}() CASCADE' for table in POSTGRESQL_TRIGGERS]
        statements += ['DROP TABLE fts_said', 'DROP TABLE fts_customer', 'DROP FUNCTION fts_words(text, text)']
        statements += ['DROP FUNCTION fts_fold(text)', 'DROP FUNCTION fts_endings(text)']
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
    op.drop_index('ix_conversation_tag_tag', table_name='conversation_tag')
    op.create_index('ix_conversation_tag_tag', 'conversation_tag', ['tag'])
    op.drop_index('ix_visitor_proven_email', table_name='visitor')
    op.drop_index('ix_outcome_reason', table_name='outcome')
    op.drop_index('ix_handoff_claims', table_name='handoff')
    for index in ('resolved_language', 'assigned', 'open', 'resolved'):
        op.drop_index(f'ix_conversation_{index}', table_name='conversation')
    partial('ix_conversation_open', 'conversation', ['updated_at'], WAS_OPEN)
    partial('ix_conversation_resolved', 'conversation', ['updated_at'], WAS_RESOLVED)


# SQLite

def sqlite_index() -> Iterator[str]:
    yield 'CREATE TABLE fts_number (n INTEGER PRIMARY KEY)'
    yield (
        'INSERT INTO fts_number WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers'
        f' WHERE n < {LONGEST}) SELECT n FROM numbers'
    )
    yield (
        'CREATE TABLE fts_said (id INTEGER PRIMARY KEY, conversation_id CHAR(32) NOT NULL,'
        ' message_id CHAR(32) UNIQUE, tag VARCHAR(40))'
    )
    yield 'CREATE INDEX fts_said_conversation ON fts_said (conversation_id)'
    yield 'CREATE TABLE fts_customer (id INTEGER PRIMARY KEY, visitor_id CHAR(32) NOT NULL UNIQUE)'
    for table in ('fts_said', 'fts_customer'):
        # Nothing is ranked, so the lengths of texts need not be kept.
        yield (
            f"CREATE VIRTUAL TABLE {table}_words USING fts5(words, content='', columnsize=0,"
            " tokenize='unicode61 remove_diacritics 2')"
        )
        yield f"CREATE VIRTUAL TABLE {table}_terms USING fts5vocab({table}_words, 'instance')"
    for name, when, table, condition, actions in sqlite_triggers():
        guard = f'WHEN {condition} ' if condition else ''
        yield f"CREATE TRIGGER {name} AFTER {when} ON {table} {guard}BEGIN {'; '.join(actions)}; END"
    yield from sqlite_backfill()


def sqlite_triggers() -> Iterator[tuple[str, str, str, str, list[str]]]:
    """Name, event, table, condition, statements."""
    said = 'INSERT INTO fts_said (conversation_id, message_id, tag) '
    message = said + 'SELECT new.conversation_id, new.id, NULL WHERE ' + KEPT.format('new')
    subject = said + "SELECT new.id, NULL, NULL WHERE new.subject <> ''"
    tag = said + 'SELECT new.conversation_id, NULL, new.tag'
    customer = f"INSERT INTO fts_customer (visitor_id) SELECT new.id WHERE {known('new')}"
    entries = (
        ('message', 'fts_said', message, 'message_id = {0}.id', spaced('{0}.content'), 'content, state, kind',
         "NOT (old.state = 'streaming' AND new.state = 'streaming')"),
        # With the sign SQLite goes by the conversation, not through all entries that are no message's.
        ('conversation', 'fts_said', subject, 'conversation_id = {0}.id AND +message_id IS NULL AND tag IS NULL',
         spaced('{0}.subject'), 'subject', 'old.subject <> new.subject'),
        ('conversation_tag', 'fts_said', tag, 'conversation_id = {0}.conversation_id AND tag = {0}.tag',
         spaced('{0}.tag'), 'tag', 'old.tag <> new.tag'),
        ('visitor', 'fts_customer', customer, 'visitor_id = {0}.id', customer_words('{0}'), 'name, email, external_id',
         'old.name IS NOT new.name OR old.email IS NOT new.email OR old.external_id IS NOT new.external_id'),
    )
    for table, entry, insert, which, words, columns, changed in entries:
        this = f"{entry} WHERE {which}"
        add = [
            insert,
            f"INSERT INTO {entry}_words (rowid, words) SELECT id, {words} FROM {this}".format('new'),
        ]
        remove = [
            # The index keeps no text, so it has to be told which words an entry had.
            f"INSERT INTO {entry}_words ({entry}_words, rowid, words) SELECT 'delete', id, {words} FROM {this}".format('old'),
            f"DELETE FROM {this}".format('old'),
        ]
        yield f'fts_{table}_added', 'INSERT', table, '', add
        yield f'fts_{table}_changed', f'UPDATE OF {columns}', table, changed, remove + add
        yield f'fts_{table}_removed', 'DELETE', table, '', remove


def sqlite_backfill() -> Iterator[str]:
    yield (
        'INSERT INTO fts_said (conversation_id, message_id, tag)'
        f' SELECT conversation_id, message_id, tag FROM ({everything_said()}) ORDER BY at'
    )
    said = (
        'SELECT e.id AS id, coalesce(m.content, e.tag, c.subject) AS said FROM fts_said e'
        ' LEFT JOIN message m ON m.id = e.message_id LEFT JOIN conversation c ON c.id = e.conversation_id'
    )
    yield f"INSERT INTO fts_said_words (rowid, words) SELECT id, {spaced('said')} FROM ({said})"
    yield f"INSERT INTO fts_customer (visitor_id) SELECT id FROM visitor WHERE {known('visitor')} ORDER BY id"
    yield (
        f"INSERT INTO fts_customer_words (rowid, words) SELECT e.id, {customer_words('v')} FROM fts_customer e"
        ' JOIN visitor v ON v.id = e.visitor_id'
    )


def everything_said() -> str:
    """Each entry with its text; ids grow with time, so by `at` the newest comes last."""
    return (
        "SELECT id AS at, id AS conversation_id, NULL AS message_id, NULL AS tag, subject AS said"
        " FROM conversation WHERE subject <> ''"
        f" UNION ALL SELECT id, conversation_id, id, NULL, content FROM message WHERE {KEPT.format('message')}"
        ' UNION ALL SELECT conversation_id, conversation_id, NULL, tag, tag FROM conversation_tag'
    )


def spaced(text: str) -> str:
    """The text, its characters of unspaced scripts written as overlapping pairs with spaces between them."""
    this, following = f'substr({text}, n, 1)', f'substr({text}, n + 1, 1)'
    pair = f"' ' || {this} || CASE WHEN {following} GLOB '[{UNSPACED}]' THEN {following} ELSE '' END || ' '"
    piece = f"CASE WHEN {this} GLOB '[{UNSPACED}]' THEN {pair} ELSE {this} END"
    pieces = f'SELECT {piece} AS piece FROM fts_number WHERE n <= length({text}) ORDER BY n'
    return (
        f"CASE WHEN {text} GLOB '*[{UNSPACED}]*' THEN (SELECT group_concat(piece, '') FROM ({pieces}))"
        f' ELSE {text} END'
    )


def customer_words(visitor: str) -> str:
    """Name, and every ending of the address and of the account: so any part of these is found."""
    return f"coalesce({spaced(visitor + '.name')}, '') || " + " || ".join(
        f"coalesce((SELECT group_concat(' ' || substr({visitor}.{column}, n), '') FROM fts_number"
        f" WHERE n <= length({visitor}.{column})), '')"
        for column in ('email', 'external_id')
    )


def known(visitor: str) -> str:
    return f"coalesce({visitor}.name, {visitor}.email, {visitor}.external_id) IS NOT NULL"


# PostgreSQL

POSTGRESQL_TRIGGERS = {
    'message': (
        'fts_said', 'message_id = OLD.id', KEPT.format('NEW'),
        ('conversation_id, message_id', 'NEW.conversation_id, NEW.id', 'NEW.content'),
        'content, state, kind', "NOT (OLD.state = 'streaming' AND NEW.state = 'streaming')",
    ),
    'conversation': (
        'fts_said', 'conversation_id = OLD.id AND message_id IS NULL AND tag IS NULL', "NEW.subject <> ''",
        ('conversation_id', 'NEW.id', 'NEW.subject'),
        'subject', 'OLD.subject <> NEW.subject',
    ),
    'conversation_tag': (
        'fts_said', 'conversation_id = OLD.conversation_id AND tag = OLD.tag', 'true',
        ('conversation_id, tag', 'NEW.conversation_id, NEW.tag', 'NEW.tag'),
        'tag', 'OLD.tag <> NEW.tag',
    ),
    'visitor': (
        'fts_customer', 'visitor_id = OLD.id', known('NEW'),
        ('visitor_id', 'NEW.id', "concat_ws(' ', NEW.name, fts_endings(NEW.email), fts_endings(NEW.external_id))"),
        'name, email, external_id',
        'OLD.name IS DISTINCT FROM NEW.name OR OLD.email IS DISTINCT FROM NEW.email'
        ' OR OLD.external_id IS DISTINCT FROM NEW.external_id',
    ),
}


UNMARKED = "normalize(regexp_replace(normalize(said, NFKD), '[\\u0300-\\u036f]', '', 'g'), NFC)"
"""Without accents. Composed again, because the mark on a Japanese letter makes it another one."""


def lower(connection: sa.Connection) -> str:
    """How to write small letters: a database with the locale "C" knows only those of English."""
    plain = "lower({0})"
    collations = "SELECT quote_ident(collname) FROM pg_collation WHERE collname IN ('C.utf8', 'en_US.utf8', 'und-x-icu')"
    others = [f'lower({{0}} COLLATE {name})' for (name,) in connection.exec_driver_sql(collations)]
    for way in (plain, *others):
        if connection.exec_driver_sql(f"SELECT {way.format(chr(39) + 'Ж' + chr(39))}").scalar() == 'ж':
            return way
    return plain


def postgresql_index(small: str) -> Iterator[str]:
    yield f"""CREATE FUNCTION fts_fold(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN octet_length(said) = length(said) THEN lower(said) ELSE {small.format(UNMARKED)} END
    $$"""
    # Written as a vector directly, because the parser behind to_tsvector takes addresses for one word.
    yield f"""CREATE FUNCTION fts_words(said text, block text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(string_agg(block || '.' || piece || ':' || place, ' '), '')::tsvector FROM (
            SELECT piece, row_number() OVER () AS place FROM
                regexp_matches(fts_fold(left(said, 50000)), '[{UNSPACED}]+|[^{SEPARATORS}{UNSPACED}]+', 'g') AS run,
                LATERAL (
                    SELECT left(run[1], 64) AS piece WHERE run[1] !~ '^[{UNSPACED}]'
                    UNION ALL
                    SELECT substr(run[1], n, 2) FROM generate_series(1, length(run[1])) AS n
                        WHERE run[1] ~ '^[{UNSPACED}]'
                ) AS pieces
        ) AS placed
    $$"""
    yield """CREATE FUNCTION fts_endings(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT string_agg(substr(said, n), ' ') FROM generate_series(1, length(said)) AS n
    $$"""
    yield (
        'CREATE TABLE fts_said (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,'
        ' conversation_id UUID NOT NULL, message_id UUID UNIQUE, tag VARCHAR(40), words TSVECTOR NOT NULL)'
    )
    yield (
        'CREATE TABLE fts_customer (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,'
        ' visitor_id UUID NOT NULL UNIQUE, words TSVECTOR NOT NULL)'
    )
    yield from postgresql_backfill()
    yield 'CREATE INDEX fts_said_conversation ON fts_said (conversation_id)'
    yield from postgresql_word_indices()
    for table, (entry, which, kept, (columns, values, text), changing, changed) in POSTGRESQL_TRIGGERS.items():
        yield f"""CREATE FUNCTION fts_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM {entry} WHERE {which};
            END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO {entry} (id, {columns}, words)
                SELECT n, {values}, fts_words({text}, (n / {BLOCK})::text)
                FROM nextval(pg_get_serial_sequence('{entry}', 'id')) AS n WHERE {kept};
            END IF;
            RETURN NULL;
        END $$"""
        for event, condition in (('INSERT', 'true'), (f'UPDATE OF {changing}', changed), ('DELETE', 'true')):
            name = f"fts_{table}_{event.split()[0].lower()}"
            yield (
                f'CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})'
                f' EXECUTE FUNCTION fts_{table}()'
            )


def postgresql_word_indices() -> Iterator[str]:
    for table in ('fts_said', 'fts_customer'):
        # Without its pending list a search costs the same right after many writes.
        yield f'CREATE INDEX {table}_words ON {table} USING gin (words) WITH (fastupdate = off)'


def postgresql_backfill() -> Iterator[str]:
    entries = everything_said().replace('NULL AS message_id', 'NULL::uuid AS message_id').replace('NULL AS tag', 'NULL::text AS tag')
    numbered = f'SELECT row_number() OVER (ORDER BY at) AS n, * FROM ({entries}) AS entries'
    yield (
        'INSERT INTO fts_said (id, conversation_id, message_id, tag, words)'
        f' SELECT n, conversation_id, message_id, tag, fts_words(said, (n / {BLOCK})::text) FROM ({numbered}) AS numbered'
    )
    customers = f"SELECT row_number() OVER (ORDER BY id) AS n, * FROM visitor WHERE {known('visitor')}"
    words = POSTGRESQL_TRIGGERS['visitor'][3][2].replace('NEW.', '')
    yield (
        'INSERT INTO fts_customer (id, visitor_id, words)'
        f' SELECT n, id, fts_words({words}, (n / {BLOCK})::text) FROM ({customers}) AS customers'
    )
    for table in ('fts_said', 'fts_customer'):
        yield f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} HAVING max(id) IS NOT NULL"
