-- name: opening
-- What the accounts of a user in a currency held at a time: by the journals before it, by kind.
SELECT a.kind, sum(l.amount) AS amount
FROM ledger_accounts a
JOIN journal_lines l ON l.account_id = a.id
JOIN journals j ON j.id = l.journal_id
WHERE a.user_id = $1 AND a.currency = $2 AND j.created_at < $3
GROUP BY a.kind

-- name: user
-- Whether there is a user ($1).
SELECT EXISTS (SELECT FROM users u WHERE u.id = $1)

-- name: entries
-- What journals have moved on the accounts of a user in a currency between two times, oldest first.
-- The state is the one that what it is about came into, of the kinds ($5) of which one thing has several journals.
SELECT j.created_at AS at, j.id AS journal_id, j.kind,
       CASE WHEN j.kind = ANY ($5::text[]) THEN split_part(j.business_key, ':', 3) END AS state,
       j.contract_id, j.milestone_id, j.description,
       coalesce(sum(l.amount) FILTER (WHERE a.kind = 'wallet_funded'), 0) AS wallet_funded,
       coalesce(sum(l.amount) FILTER (WHERE a.kind = 'wallet_earned'), 0) AS wallet_earned,
       coalesce(sum(l.amount) FILTER (WHERE a.kind = 'pending'), 0) AS pending,
       coalesce(sum(l.amount) FILTER (WHERE a.kind = 'withdrawing'), 0) AS withdrawing,
       coalesce(sum(l.amount) FILTER (WHERE a.kind = 'debt'), 0) AS debt
FROM ledger_accounts a
JOIN journal_lines l ON l.account_id = a.id
JOIN journals j ON j.id = l.journal_id
WHERE a.user_id = $1 AND a.currency = $2 AND j.created_at >= $3 AND j.created_at < $4
GROUP BY j.id
ORDER BY j.created_at, j.id
