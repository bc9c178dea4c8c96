-- What executions about payments ask for, under their locks.

-- name: deposit_amounts
-- Up to how much of a currency ($1) a top-up is.
SELECT setting_amount('deposit_largest_amount', $1) AS largest

-- name: payout_method
-- A payout method ($1) of a user ($2), and from when it may be paid to.
SELECT m.id, m.provider, m.usable_at FROM payout_methods m WHERE m.id = $1 AND m.user_id = $2

-- name: never_served
-- Whether a deposit ($1) paid for nothing that was worked on: it was not what was asked for, or all that it was made
-- for was cancelled before anything was handed in, and nobody was paid of it.
SELECT d.is_unmatched OR (
    d.contract_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM release_lots l WHERE l.deposit_id = d.id)
    AND NOT EXISTS (
        SELECT FROM milestones m
        WHERE m.contract_id = d.contract_id AND m.id = coalesce(d.milestone_id, m.id)
          AND (m.status <> 'cancelled' OR m.submitted_at IS NOT NULL))
) AS never FROM deposits d WHERE d.id = $1

-- name: owners_of_approved
-- Whose withdrawals of a currency ($1) by a provider ($2) are approved and in no batch, of those who owe nothing.
SELECT DISTINCT w.user_id FROM withdrawals w JOIN payout_methods m ON m.id = w.payout_method_id
WHERE w.status = 'approved' AND w.payout_batch_id IS NULL AND w.currency = $1 AND m.provider = $2
  AND NOT owes_something(w.user_id)

-- name: lock_users
-- Locks the affairs of users ($1), by id.
SELECT workflow_lock('{}', $1, '{}', '{}', '{}', '{}')

-- name: approved
-- The oldest $4 approved withdrawals of a currency ($1) by a provider ($2), of those of these users ($3) who owe
-- nothing: a debt may have come until they were locked.
SELECT w.* FROM withdrawals w JOIN payout_methods m ON m.id = w.payout_method_id
WHERE w.status = 'approved' AND w.payout_batch_id IS NULL AND w.currency = $1 AND m.provider = $2
  AND w.user_id = ANY ($3::uuid[])
  AND NOT owes_something(w.user_id)
ORDER BY w.created_at, w.id
LIMIT $4

-- name: payouts
-- What a batch ($1) is to pay: each withdrawal with the account's token, and whether its owner has come to owe something.
SELECT w.id, m.provider_account_token AS token, w.amount, w.currency, owes_something(w.user_id) AS owes
FROM withdrawals w JOIN payout_methods m ON m.id = w.payout_method_id
WHERE w.payout_batch_id = $1 ORDER BY w.id

-- name: batch_makers
-- Who of staff has done something with a batch ($1).
SELECT DISTINCT h.actor_id FROM status_history h
WHERE h.entity_type = 'payout_batch' AND h.entity_id = $1 AND h.actor_id IS NOT NULL

-- name: withdrawal_amounts
-- Up to how many whole units of its currency ($1) a withdrawal needs no approval, and of how much it is at least.
SELECT setting_number('withdrawal_automatic_amount') AS automatic,
       setting_amount('withdrawal_least_amount', $1) AS least
