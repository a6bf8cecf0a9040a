"""how often an article was cited, without reading all evidence"""

import sqlalchemy as sa
from alembic import op

revision = '0009_cited'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_evidence_cited',
        'evidence',
        ['created_at', 'article_id', 'message_id'],
        sqlite_where=sa.text('cited'),
        postgresql_where=sa.text('cited'),
    )


def downgrade() -> None:
    op.drop_index('ix_evidence_cited', 'evidence')
