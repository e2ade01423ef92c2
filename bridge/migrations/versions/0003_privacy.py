"""Requests of people and shops that want to know, or to be forgotten"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('privacy_requests',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('platform', sa.String(length=32), nullable=False),
        sa.Column('account', sa.String(length=255), nullable=False),
        sa.Column('shop_id', sa.BigInteger(), nullable=True),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('source', sa.String(length=512), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('person', sa.LargeBinary(), nullable=True),
        sa.Column('report', sa.JSON(), nullable=False),
        sa.Column('export', sa.LargeBinary(), nullable=True),
        sa.Column('received_at', sa.BigInteger(), nullable=False),
        sa.Column('due_at', sa.BigInteger(), nullable=False),
        sa.Column('made_at', sa.BigInteger(), nullable=True),
        sa.Column('done_at', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_requests'))
    )
    with op.batch_alter_table('privacy_requests', schema=None) as batch_op:
        batch_op.create_index('uq_privacy_requests_source', ['platform', 'account', 'source'], unique=True)
        batch_op.create_index('ix_privacy_requests_shop', ['shop_id', 'id'], unique=False)
        batch_op.create_index('ix_privacy_requests_open', ['id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('disconnected_at', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.drop_column('disconnected_at')
    op.drop_table('privacy_requests')
