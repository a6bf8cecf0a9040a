"""lists and search"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

WAS_OPEN = "status <> 'resolved' AND last_seq > 0"
OPEN = "status <> 'resolved' AND last_seq > 0 AND snoozed_until IS NULL"
RESOLVED = "status = 'resolved' AND junk_at IS NULL AND last_seq > 0"


def partial(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def upgrade() -> None:
    op.drop_index('ix_conversation_open', table_name='conversation')
    partial('ix_conversation_open', 'conversation', ['updated_at'], OPEN)
    partial('ix_conversation_assigned', 'conversation', ['assigned_staff_id', 'updated_at'], 'assigned_staff_id IS NOT NULL')
    partial('ix_conversation_resolved_language', 'conversation', ['language', 'updated_at'], RESOLVED)
    partial('ix_handoff_claims', 'handoff', ['claimed_at'], 'claimed_at IS NOT NULL')
    partial('ix_outcome_reason', 'outcome', ['handoff_reason', 'updated_at'], 'handoff_reason IS NOT NULL')
    partial('ix_visitor_proven_email', 'visitor', ['email'], 'email_verified_at IS NOT NULL')
    op.drop_index('ix_conversation_tag_tag', table_name='conversation_tag')
    op.create_index('ix_conversation_tag_tag', 'conversation_tag', ['tag', 'conversation_id'])


def downgrade() -> None:
    op.drop_index('ix_conversation_tag_tag', table_name='conversation_tag')
    op.create_index('ix_conversation_tag_tag', 'conversation_tag', ['tag'])
    op.drop_index('ix_visitor_proven_email', table_name='visitor')
    op.drop_index('ix_outcome_reason', table_name='outcome')
    op.drop_index('ix_handoff_claims', table_name='handoff')
    for index in ('ix_conversation_resolved_language', 'ix_conversation_assigned', 'ix_conversation_open'):
        op.drop_index(index, table_name='conversation')
    partial('ix_conversation_open', 'conversation', ['updated_at'], WAS_OPEN)
