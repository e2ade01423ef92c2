"""What a connection knows about its health and about what it may have missed"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held', sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ('checked_at', 'reconciled_at', 'compared_at'):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('known_to', sa.BigInteger(), nullable=True))
    with op.batch_alter_table('subjects', schema=None) as batch_op:
        batch_op.add_column(sa.Column('listed_at', sa.BigInteger(), nullable=False, server_default='0'))
    op.create_table('outages',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('since', sa.BigInteger(), nullable=False),
        sa.Column('until', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outages'))
    )


def downgrade() -> None:
    op.drop_table('outages')
    with op.batch_alter_table('subjects', schema=None) as batch_op:
        batch_op.drop_column('listed_at')
    with op.batch_alter_table('connections', schema=None) as batch_op:
        for name in ('known_to', 'compared_at', 'reconciled_at', 'checked_at', 'held'):
            batch_op.drop_column(name)
