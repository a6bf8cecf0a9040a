"""the whole loop"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

# The full-text table holds no text of its own: it reads `passage`, and the triggers keep it in step.
SQLITE_FULL_TEXT = (
    "CREATE VIRTUAL TABLE fts_passage USING fts5(terms, content='passage', content_rowid='id')",
    """CREATE TRIGGER fts_passage_added AFTER INSERT ON passage BEGIN
        INSERT INTO fts_passage(rowid, terms) VALUES (new.id, new.terms);
    END""",
    """CREATE TRIGGER fts_passage_removed AFTER DELETE ON passage BEGIN
        INSERT INTO fts_passage(fts_passage, rowid, terms) VALUES ('delete', old.id, old.terms);
    END""",
    """CREATE TRIGGER fts_passage_changed AFTER UPDATE OF terms ON passage BEGIN
        INSERT INTO fts_passage(fts_passage, rowid, terms) VALUES ('delete', old.id, old.terms);
        INSERT INTO fts_passage(rowid, terms) VALUES (new.id, new.terms);
    END""",
)


def upgrade() -> None:
    op.create_table('article',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('collection', sa.String(length=120), nullable=False),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.Column('slug', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('collection', 'path'),
    sa.UniqueConstraint('slug')
    )
    op.create_table('staff',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('role', sa.Enum('agent', 'admin', name='staffrole', native_enum=False, length=32), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('email')
    )
    op.create_table('visitor',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('email_verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('locale', sa.String(length=35), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    with op.batch_alter_table('visitor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visitor_external_id'), ['external_id'], unique=False)

    op.create_table('conversation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('visitor_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Enum('active', 'escalated', 'resolved', name='status', native_enum=False, length=32), nullable=False),
    sa.Column('assigned_staff_id', sa.Uuid(), nullable=True),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=True),
    sa.Column('topic', sa.String(length=120), nullable=True),
    sa.Column('page', sa.String(length=2000), nullable=False),
    sa.Column('user_agent', sa.String(length=500), nullable=False),
    sa.Column('referrer', sa.String(length=2000), nullable=False),
    sa.Column('context_starts_after', sa.Uuid(), nullable=True),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assigned_staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['visitor_id'], ['visitor.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('ix_conversation_status_updated', ['status', 'updated_at'], unique=False)
        batch_op.create_index('ix_conversation_visitor_updated', ['visitor_id', 'updated_at'], unique=False)

    op.create_table('passage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('heading', sa.String(length=600), nullable=False),
    sa.Column('anchor', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('terms', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('passage', schema=None) as batch_op:
        batch_op.create_index('ix_passage_article', ['article_id', 'position'], unique=False)

    op.create_table('staff_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_session_staff_id'), ['staff_id'], unique=False)

    op.create_table('handoff',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Enum('asked_for_person', 'frustrated', 'legal_threat', 'security_concern', 'refund_or_account_change', 'missing_knowledge', 'cannot_resolve', 'policy', 'abuse', 'fault', 'turn_limit', 'budget', 'taken_over', name='reason', native_enum=False, length=32), nullable=False),
    sa.Column('trigger', sa.Enum('model', 'customer', 'policy', 'fault', 'staff', name='trigger', native_enum=False, length=32), nullable=False),
    sa.Column('brief', sa.Text(), nullable=False),
    sa.Column('reopened', sa.Boolean(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('assistant_meanwhile_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_by', sa.Uuid(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_as', sa.Enum('resolved', 'handed_back', 'cancelled', name='closedas', native_enum=False, length=32), nullable=True),
    sa.ForeignKeyConstraint(['claimed_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('handoff', schema=None) as batch_op:
        batch_op.create_index('ix_handoff_conversation_requested', ['conversation_id', 'requested_at'], unique=False)
        batch_op.create_index('ix_handoff_waiting', ['requested_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('uq_handoff_open', ['conversation_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.create_table('message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('user', 'assistant', 'staff', 'system', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('kind', sa.Enum('text', 'note', 'event', name='kind', native_enum=False, length=32), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('streaming', 'complete', 'stopped', 'failed', 'superseded', name='messagestate', native_enum=False, length=32), nullable=False),
    sa.Column('log_epoch', sa.String(length=32), nullable=False),
    sa.Column('log_seq', sa.Integer(), nullable=False),
    sa.Column('client_key', sa.String(length=64), nullable=True),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('notice', sa.String(length=500), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('conversation_id', 'client_key'),
    sa.UniqueConstraint('conversation_id', 'seq')
    )
    op.create_table('outcome',
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('customer_messages', sa.Integer(), nullable=False),
    sa.Column('assistant_messages', sa.Integer(), nullable=False),
    sa.Column('staff_messages', sa.Integer(), nullable=False),
    sa.Column('handoffs', sa.Integer(), nullable=False),
    sa.Column('handoff_reason', sa.Enum('asked_for_person', 'frustrated', 'legal_threat', 'security_concern', 'refund_or_account_change', 'missing_knowledge', 'cannot_resolve', 'policy', 'abuse', 'fault', 'turn_limit', 'budget', 'taken_over', name='reason', native_enum=False, length=32), nullable=True),
    sa.Column('resolved_by', sa.Enum('user', 'assistant', 'staff', 'system', name='role', native_enum=False, length=32), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_answers', sa.Integer(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('topic', sa.String(length=120), nullable=True),
    sa.Column('language', sa.String(length=35), nullable=True),
    sa.Column('cost', sa.Numeric(precision=14, scale=8), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_table('rating',
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('message_id')
    )
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rating_conversation_id'), ['conversation_id'], unique=False)

    op.create_table('turn',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('answers_id', sa.Uuid(), nullable=False),
    sa.Column('wrote_id', sa.Uuid(), nullable=False),
    sa.Column('assistant', sa.String(length=40), nullable=False),
    sa.Column('model', sa.String(length=120), nullable=False),
    sa.Column('first_token_ms', sa.Integer(), nullable=True),
    sa.Column('latency_ms', sa.Integer(), nullable=True),
    sa.Column('stop_reason', sa.String(length=40), nullable=True),
    sa.Column('error_code', sa.String(length=60), nullable=True),
    sa.Column('input_tokens', sa.Integer(), nullable=False),
    sa.Column('output_tokens', sa.Integer(), nullable=False),
    sa.Column('cost', sa.Numeric(precision=14, scale=8), nullable=False),
    sa.Column('retrieved', sa.JSON(), nullable=False),
    sa.Column('cited', sa.JSON(), nullable=False),
    sa.Column('runner', sa.String(length=64), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answers_id'], ['message.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['wrote_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('turn', schema=None) as batch_op:
        batch_op.create_index('ix_turn_conversation_started', ['conversation_id', 'started_at'], unique=False)
        batch_op.create_index('ix_turn_lease', ['lease_until'], unique=False, sqlite_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('uq_turn_running', ['conversation_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('model_call',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=True),
    sa.Column('turn_id', sa.Uuid(), nullable=True),
    sa.Column('model', sa.String(length=120), nullable=False),
    sa.Column('input_tokens', sa.Integer(), nullable=False),
    sa.Column('output_tokens', sa.Integer(), nullable=False),
    sa.Column('cache_read_tokens', sa.Integer(), nullable=False),
    sa.Column('cache_write_tokens', sa.Integer(), nullable=False),
    sa.Column('cost', sa.Numeric(precision=14, scale=8), nullable=False),
    sa.Column('latency_ms', sa.Integer(), nullable=True),
    sa.Column('error', sa.String(length=60), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['turn_id'], ['turn.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('model_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_model_call_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_model_call_created_at'), ['created_at'], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_FULL_TEXT:
            op.execute(statement)
    else:
        # Without its pending list the index is ready to use right after an import.
        op.execute(
            "CREATE INDEX fts_passage ON passage USING gin (to_tsvector('simple', terms)) "
            "WITH (fastupdate = off)"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE fts_passage")
    with op.batch_alter_table('model_call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_model_call_created_at'))
        batch_op.drop_index(batch_op.f('ix_model_call_conversation_id'))

    op.drop_table('model_call')
    with op.batch_alter_table('turn', schema=None) as batch_op:
        batch_op.drop_index('uq_turn_running', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_turn_lease', sqlite_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_turn_conversation_started')

    op.drop_table('turn')
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rating_conversation_id'))

    op.drop_table('rating')
    op.drop_table('outcome')
    op.drop_table('message')
    with op.batch_alter_table('handoff', schema=None) as batch_op:
        batch_op.drop_index('uq_handoff_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_handoff_waiting', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_handoff_conversation_requested')

    op.drop_table('handoff')
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_session_staff_id'))

    op.drop_table('staff_session')
    with op.batch_alter_table('passage', schema=None) as batch_op:
        batch_op.drop_index('ix_passage_article')

    op.drop_table('passage')
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.drop_index('ix_conversation_visitor_updated')
        batch_op.drop_index('ix_conversation_status_updated')

    op.drop_table('conversation')
    with op.batch_alter_table('visitor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visitor_external_id'))

    op.drop_table('visitor')
    op.drop_table('staff')
    op.drop_table('article')
