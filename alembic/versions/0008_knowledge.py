"""versions of articles, what answers rested on, what was wrong with them"""

import sqlalchemy as sa
from alembic import op

from supportbot.ids import new_id

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

ARTICLE_STATE = sa.Enum('draft', 'published', 'retired', name='articlestate', native_enum=False, length=32)
ORIGIN = sa.Enum('imported', 'written', 'restored', 'drafted', name='origin', native_enum=False, length=32)
COMPLAINT = sa.Enum(
    'not_my_question', 'incorrect', 'incomplete', 'unclear', 'other', name='complaint', native_enum=False, length=32
)


def upgrade() -> None:
    op.add_column('article', sa.Column('state', ARTICLE_STATE, nullable=False, server_default='published'))
    op.add_column('article', sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
    op.execute("UPDATE article SET state = 'retired' WHERE retired_at IS NOT NULL")
    # Nothing found them, and from now on only what is published has any.
    op.execute("DELETE FROM passage WHERE article_id IN (SELECT id FROM article WHERE state = 'retired')")
    op.drop_column('article', 'retired_at')
    version = op.create_table(
        'article_version',
        sa.Column('id', sa.Uuid(), primary_key=True),
        sa.Column('article_id', sa.Uuid(), sa.ForeignKey('article.id', ondelete='CASCADE'), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(300), nullable=False),
        sa.Column('description', sa.Text(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('language', sa.String(35), nullable=False),
        sa.Column('origin', ORIGIN, nullable=False),
        sa.Column('staff_id', sa.Uuid(), sa.ForeignKey('staff.id'), nullable=True),
        sa.Column('restored_from', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint('article_id', 'version'),
    )
    for article in known_articles():
        op.bulk_insert(version, [{**article, 'id': new_id(), 'version': 1, 'origin': 'imported'}])
    op.create_table(
        'evidence',
        sa.Column('turn_id', sa.Uuid(), sa.ForeignKey('turn.id'), primary_key=True),
        sa.Column('place', sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column('message_id', sa.Uuid(), sa.ForeignKey('message.id'), nullable=False),
        sa.Column('article_id', sa.Uuid(), sa.ForeignKey('article.id', ondelete='CASCADE'), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('heading', sa.String(600), nullable=False),
        sa.Column('anchor', sa.String(200), nullable=False),
        sa.Column('score', sa.Float(), nullable=False),
        sa.Column('cited', sa.Boolean(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index('ix_evidence_article', 'evidence', ['article_id', 'created_at'])
    op.create_index('ix_evidence_message', 'evidence', ['message_id'])
    op.create_table(
        'marked_wrong',
        sa.Column('message_id', sa.Uuid(), sa.ForeignKey('message.id'), primary_key=True),
        sa.Column('conversation_id', sa.Uuid(), sa.ForeignKey('conversation.id'), nullable=False),
        sa.Column('staff_id', sa.Uuid(), sa.ForeignKey('staff.id'), nullable=True),
        sa.Column('note', sa.String(500), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index('ix_marked_wrong_conversation_id', 'marked_wrong', ['conversation_id'])
    op.add_column('turn', sa.Column('confident', sa.Boolean(), nullable=True))
    op.add_column('rating', sa.Column('complaint', COMPLAINT, nullable=True))
    op.add_column('rating', sa.Column('comment', sa.String(500), nullable=False, server_default=''))


def known_articles() -> list[dict[str, object]]:
    article = sa.table(
        'article',
        sa.column('id', sa.Uuid()),
        *(sa.column(name, sa.Text()) for name in ('title', 'description', 'body', 'language')),
        sa.column('updated_at', sa.DateTime(timezone=True)),
    )
    rows = op.get_bind().execute(sa.select(article)).mappings().all()
    return [
        {
            **{name: row[name] for name in ('title', 'description', 'body', 'language')},
            'article_id': row['id'],
            'created_at': row['updated_at'],
        }
        for row in rows
    ]


def downgrade() -> None:
    op.drop_column('rating', 'comment')
    op.drop_column('rating', 'complaint')
    op.drop_column('turn', 'confident')
    op.drop_table('marked_wrong')
    op.drop_table('evidence')
    op.drop_table('article_version')
    op.add_column('article', sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE article SET retired_at = updated_at WHERE state <> 'published'")
    op.drop_column('article', 'version')
    op.drop_column('article', 'state')
