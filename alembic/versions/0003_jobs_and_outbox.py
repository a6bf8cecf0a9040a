"""jobs and outbox"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

WAITS = sa.text('sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL')
FAILED = sa.text('failed_at IS NOT NULL AND sent_at IS NULL AND dropped_at IS NULL')


def upgrade() -> None:
    op.create_table('job',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('next_run_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('runner', sa.String(length=64), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('outbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'webhook', name='channel', native_enum=False, length=32), nullable=False),
    sa.Column('topic', sa.String(length=60), nullable=False),
    sa.Column('recipient', sa.String(length=254), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claim', sa.String(length=32), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_outbox_waiting', 'outbox', ['channel', 'next_attempt_at'], sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index('ix_outbox_failed', 'outbox', ['failed_at'], sqlite_where=FAILED, postgresql_where=FAILED)
    op.create_index('ix_outbox_created', 'outbox', ['created_at'])
    op.add_column('handoff', sa.Column('unclaimed_told_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('handoff', 'unclaimed_told_at')
    op.drop_table('outbox')
    op.drop_table('job')
