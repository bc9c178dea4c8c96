"""Money on its way: deposits, refunds, withdrawals, payout batches."""
