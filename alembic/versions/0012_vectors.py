"""what passages mean"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'passage_vector',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('passage_id', sa.Integer(), sa.ForeignKey('passage.id', ondelete='CASCADE'), nullable=False),
        sa.Column('model', sa.String(80), nullable=False),
        sa.Column('part', sa.Integer(), nullable=False),
        sa.Column('vector', sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint('passage_id', 'model', 'part'),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_article_edition', 'article', ['updated_at', 'state'])


def downgrade() -> None:
    op.drop_index('ix_article_edition', table_name='article')
    op.drop_table('passage_vector')
