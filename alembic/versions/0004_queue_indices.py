"""indices for the desk's lists"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

# Partial, so that what is over and done with costs nothing: a desk has hundreds of open cases, a database
# has hundreds of thousands of closed ones.
WAITING = sa.text('closed_at IS NULL AND claimed_by IS NULL')
CLAIMED = sa.text('closed_at IS NULL AND claimed_by IS NOT NULL')
OPEN = sa.text("status <> 'resolved' AND last_seq > 0")


def upgrade() -> None:
    with op.batch_alter_table('handoff', schema=None) as batch_op:
        batch_op.drop_index('ix_handoff_waiting')
        batch_op.create_index('ix_handoff_waiting', ['requested_at'], unique=False, sqlite_where=WAITING, postgresql_where=WAITING)
        batch_op.create_index('ix_handoff_claimed', ['requested_at'], unique=False, sqlite_where=CLAIMED, postgresql_where=CLAIMED)
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('ix_conversation_open', ['updated_at'], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    with op.batch_alter_table('turn', schema=None) as batch_op:
        batch_op.create_index('ix_turn_answers', ['answers_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('turn', schema=None) as batch_op:
        batch_op.drop_index('ix_turn_answers')
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.drop_index('ix_conversation_open', sqlite_where=OPEN, postgresql_where=OPEN)
    with op.batch_alter_table('handoff', schema=None) as batch_op:
        batch_op.drop_index('ix_handoff_claimed', sqlite_where=CLAIMED, postgresql_where=CLAIMED)
        batch_op.drop_index('ix_handoff_waiting', sqlite_where=WAITING, postgresql_where=WAITING)
        batch_op.create_index('ix_handoff_waiting', ['requested_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
