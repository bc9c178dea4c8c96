-- name: open
-- Makes and locks accounts, and reads them with their lots, escrows, milestones and releases, as one value.
SELECT ledger_open($1::jsonb, $2::uuid[], $3::uuid[], $4)

-- name: journal_lines
-- The lines of one journal, for its reversal.
SELECT a.kind, coalesce(a.user_id, a.contract_id) AS owner, l.currency, l.amount, l.deposit_id, l.milestone_id
FROM journal_lines l JOIN ledger_accounts a ON a.id = l.account_id
WHERE l.journal_id = $1 ORDER BY l.line
