"""what answers rested on is told by the table evidence; which links in them may be clicked"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # They held the ids of passages, which are cut anew whenever their article changes.
    op.drop_column('turn', 'retrieved')
    op.drop_column('turn', 'cited')
    op.add_column('message', sa.Column('links', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('message', sa.Column('found_nothing', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column('message', 'found_nothing')
    op.drop_column('message', 'links')
    op.add_column('turn', sa.Column('cited', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('turn', sa.Column('retrieved', sa.JSON(), nullable=False, server_default='[]'))
