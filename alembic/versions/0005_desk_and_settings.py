"""the desk and the settings"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

JUNK = sa.text('junk_at IS NOT NULL')
RESOLVED = sa.text("status = 'resolved' AND junk_at IS NULL AND last_seq > 0")
SNOOZED = sa.text('snoozed_until IS NOT NULL')


def upgrade() -> None:
    op.create_table('picture',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('setting',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('section', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('restored_from', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('section', 'version')
    )
    op.create_table('staff_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index('ix_staff_link_staff_id', 'staff_link', ['staff_id'])
    op.create_table('conversation_guest',
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('visitor_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['visitor_id'], ['visitor.id'], ),
    sa.PrimaryKeyConstraint('conversation_id', 'visitor_id')
    )
    op.create_index('ix_conversation_guest_visitor_id', 'conversation_guest', ['visitor_id'])
    op.create_table('conversation_tag',
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('conversation_id', 'tag')
    )
    op.create_index('ix_conversation_tag_tag', 'conversation_tag', ['tag'])
    op.create_table('mail_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('code_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('code_tries', sa.Integer(), nullable=False),
    sa.Column('codes_sent', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_by', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['used_by'], ['visitor.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index('ix_mail_link_conversation_id', 'mail_link', ['conversation_id'])
    op.create_table('staff_read',
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id', 'conversation_id')
    )
    op.create_index('ix_staff_read_conversation_id', 'staff_read', ['conversation_id'])
    # Adding a column with a constant default rewrites nothing, however many rows there are.
    op.add_column('conversation', sa.Column('customer_seq', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('conversation', sa.Column('customer_seen_seq', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('conversation', sa.Column('snoozed_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('conversation', sa.Column('snoozed_by', sa.Uuid(), nullable=True))
    op.add_column('conversation', sa.Column('junk_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_conversation_junk', 'conversation', ['updated_at'], sqlite_where=JUNK, postgresql_where=JUNK)
    op.create_index('ix_conversation_resolved', 'conversation', ['updated_at'], sqlite_where=RESOLVED, postgresql_where=RESOLVED)
    op.create_index('ix_conversation_snoozed', 'conversation', ['snoozed_until'], sqlite_where=SNOOZED, postgresql_where=SNOOZED)
    op.add_column('handoff', sa.Column('brief_by', sa.String(length=20), nullable=False, server_default=''))
    op.add_column('handoff', sa.Column('return_note', sa.Text(), nullable=False, server_default=''))
    op.add_column('staff', sa.Column('picture_id', sa.Uuid(), nullable=True))
    op.add_column('staff', sa.Column('sounds', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('staff', sa.Column('away_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('staff', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE conversation SET customer_seen_seq = last_seq, customer_seq = coalesce((SELECT max(seq)"
        " FROM message WHERE message.conversation_id = conversation.id AND message.role = 'user'), 0)"
    )


def downgrade() -> None:
    for column in ('seen_at', 'away_at', 'sounds', 'picture_id'):
        op.drop_column('staff', column)
    for column in ('return_note', 'brief_by'):
        op.drop_column('handoff', column)
    for index in ('ix_conversation_snoozed', 'ix_conversation_resolved', 'ix_conversation_junk'):
        op.drop_index(index, table_name='conversation')
    for column in ('junk_at', 'snoozed_by', 'snoozed_until', 'customer_seen_seq', 'customer_seq'):
        op.drop_column('conversation', column)
    for table in ('staff_read', 'mail_link', 'conversation_tag', 'conversation_guest', 'staff_link', 'setting', 'picture'):
        op.drop_table(table)
