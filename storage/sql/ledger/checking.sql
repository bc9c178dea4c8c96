-- name: take_turn
-- One process at a time sees to the ledger.
SELECT pg_try_advisory_lock(hashtextextended('parley.ledger', 0))

-- name: clock
-- The time by the clock of workflows.
SELECT workflow_now()

-- name: close_days
-- Sums the platform's accounts of days that are over.
SELECT close_ledger_days($1)

-- name: journals
-- Journals whose lines do not add up to zero in a currency.
SELECT format('journal %s: its lines add up to %s %s', l.journal_id, sum(l.amount), l.currency) AS finding
FROM journal_lines l GROUP BY l.journal_id, l.currency HAVING sum(l.amount) <> 0
ORDER BY 1

-- name: all_lines
-- Currencies in which the whole is not zero.
SELECT format('all lines add up to %s %s', sum(l.amount), l.currency) AS finding
FROM journal_lines l GROUP BY l.currency HAVING sum(l.amount) <> 0
ORDER BY 1

-- name: balances
-- Accounts of users and contracts whose balance is not the sum of their lines.
SELECT format('%s of %s: balance %s %s, lines %s', a.kind, coalesce(a.user_id, a.contract_id), a.balance,
              a.currency, coalesce(l.amount, 0)) AS finding
FROM ledger_accounts a
LEFT JOIN (SELECT l.account_id, sum(l.amount) AS amount FROM journal_lines l GROUP BY l.account_id) l
    ON l.account_id = a.id
WHERE a.kind NOT IN ('fee', 'cash', 'cost', 'adjustment') AND a.balance <> coalesce(l.amount, 0)
ORDER BY 1

-- name: currencies
-- Lines in another currency than their account's.
SELECT format('journal %s: a line in %s on an account in %s', l.journal_id, l.currency, a.currency) AS finding
FROM journal_lines l JOIN ledger_accounts a ON a.id = l.account_id
WHERE l.currency <> a.currency
ORDER BY 1

-- name: lots
-- Lots of wallets and escrows that are not the sums of the lines that name them.
SELECT format('lot of %s of %s (deposit %s, milestone %s): holds %s %s, lines %s', a.kind,
              coalesce(a.user_id, a.contract_id), coalesce(s.deposit_id::text, 'none'),
              coalesce(s.milestone_id::text, 'none'), s.held, a.currency, s.booked) AS finding
FROM (
    SELECT b.account_id, b.deposit_id, b.milestone_id, sum(b.held) AS held, sum(b.booked) AS booked
    FROM (
        SELECT t.account_id, t.deposit_id, t.milestone_id, t.amount AS held, 0 AS booked FROM ledger_lots t
        UNION ALL
        SELECT l.account_id, l.deposit_id, l.milestone_id, 0, l.amount FROM journal_lines l
    ) b
    GROUP BY b.account_id, b.deposit_id, b.milestone_id
) s
JOIN ledger_accounts a ON a.id = s.account_id
WHERE s.held <> s.booked AND a.kind IN ('wallet_funded', 'wallet_earned', 'escrow')
ORDER BY 1

-- name: lots_elsewhere
-- Lots of accounts that keep none.
SELECT format('%s of %s has lots', a.kind, coalesce(a.user_id, a.contract_id)) AS finding
FROM ledger_accounts a
WHERE a.kind NOT IN ('wallet_funded', 'wallet_earned', 'escrow')
  AND EXISTS (SELECT FROM ledger_lots t WHERE t.account_id = a.id)
ORDER BY 1

-- name: escrows
-- Contracts whose escrow says that it holds something else than its account.
SELECT format('escrow of contract %s: says %s %s, holds %s', s.contract_id, s.said, s.currency, s.held) AS finding
FROM (
    SELECT b.contract_id, b.currency, sum(b.said) AS said, sum(b.held) AS held
    FROM (
        SELECT e.contract_id, e.currency, e.held_amount AS said, 0 AS held FROM escrows e
        UNION ALL
        SELECT a.contract_id, a.currency, 0, a.balance FROM ledger_accounts a WHERE a.kind = 'escrow'
    ) b
    GROUP BY b.contract_id, b.currency
) s
WHERE s.said <> s.held
ORDER BY 1

-- name: ended
-- Contracts that are over and hold money.
SELECT format('contract %s is %s and holds %s %s', c.id, c.status, a.balance, a.currency) AS finding
FROM ledger_accounts a JOIN contracts c ON c.id = a.contract_id
WHERE a.kind = 'escrow' AND a.balance <> 0
  AND c.status IN ('completed', 'cancelled', 'terminated', 'refunded')
ORDER BY 1

-- name: releases
-- Users whose releases that have not cleared are not what is pending.
SELECT format('pending of %s: releases %s %s, balance %s', s.user_id, s.released, s.currency, s.balance) AS finding
FROM (
    SELECT b.user_id, b.currency, sum(b.released) AS released, sum(b.balance) AS balance
    FROM (
        SELECT r.user_id, r.currency, r.net - r.refunded + r.refunded_fee AS released, 0 AS balance
        FROM releases r WHERE r.status IN ('pending', 'frozen')
        UNION ALL
        SELECT a.user_id, a.currency, 0, a.balance FROM ledger_accounts a WHERE a.kind = 'pending'
    ) b
    GROUP BY b.user_id, b.currency
) s
WHERE s.released <> s.balance
ORDER BY 1

-- name: release_lots
-- Releases that clients paid for, whose lots are not what was released or given back.
SELECT format('release %s: lots %s of %s, given back %s of %s', r.id, coalesce(l.amount, 0), r.gross,
              coalesce(l.returned, 0), r.refunded) AS finding
FROM releases r
LEFT JOIN (
    SELECT t.release_id, sum(t.amount) AS amount, sum(t.returned) AS returned FROM release_lots t
    GROUP BY t.release_id
) l ON l.release_id = r.id
WHERE r.client_id IS NOT NULL
  AND (r.gross <> coalesce(l.amount, 0) OR r.refunded <> coalesce(l.returned, 0))
ORDER BY 1

-- name: withdrawing
-- Users whose money on its way out is not that of their withdrawals and returns.
SELECT format('withdrawing of %s: withdrawals and returns %s %s, balance %s', s.user_id, s.leaving, s.currency,
              s.balance) AS finding
FROM (
    SELECT b.user_id, b.currency, sum(b.leaving) AS leaving, sum(b.balance) AS balance
    FROM (
        SELECT w.user_id, w.currency, w.amount AS leaving, 0 AS balance FROM withdrawals w
        WHERE w.status IN ('requested', 'approved', 'processing')
        UNION ALL
        SELECT r.user_id, r.currency, r.amount, 0 FROM deposit_returns r
        WHERE r.status IN ('requested', 'processing')
        UNION ALL
        SELECT a.user_id, a.currency, 0, a.balance FROM ledger_accounts a WHERE a.kind = 'withdrawing'
    ) b
    GROUP BY b.user_id, b.currency
) s
WHERE s.leaving <> s.balance
ORDER BY 1

-- name: days
-- Days that are summed and whose sums are not those of their lines.
SELECT format('%s of %s: summed %s %s, lines %s', s.kind, s.day, s.summed, s.currency, s.booked) AS finding
FROM (
    SELECT b.day, b.kind, b.currency, sum(b.summed) AS summed, sum(b.booked) AS booked
    FROM (
        SELECT d.day, d.kind, d.currency, d.amount AS summed, 0 AS booked FROM ledger_daily d
        UNION ALL
        SELECT (j.created_at AT TIME ZONE 'UTC')::date, a.kind, l.currency, 0, l.amount
        FROM journals j JOIN journal_lines l ON l.journal_id = j.id JOIN ledger_accounts a ON a.id = l.account_id
        WHERE a.kind IN ('fee', 'cash', 'cost', 'adjustment')
          AND (j.created_at AT TIME ZONE 'UTC')::date <= (SELECT max(d.day) FROM ledger_daily d)
    ) b
    GROUP BY b.day, b.kind, b.currency
) s
WHERE s.summed <> s.booked
ORDER BY 1

-- name: frozen
-- Money that has been frozen, or disputed in escrow, for longer than it should.
SELECT format('release %s: %s %s frozen since %s', r.id, r.net - r.refunded + r.refunded_fee, r.currency,
              to_char(h.since AT TIME ZONE 'UTC', 'YYYY-MM-DD')) AS finding
FROM releases r
CROSS JOIN LATERAL (
    SELECT coalesce(max(s.created_at), r.created_at) AS since FROM status_history s
    WHERE s.entity_type = 'release' AND s.entity_id = r.id AND s.to_status = 'frozen'
) h
WHERE r.status = 'frozen' AND r.gross > r.refunded AND h.since < $1::timestamptz - interval '45 days'
UNION ALL
SELECT format('escrow of contract %s: %s %s disputed since %s', c.id, a.balance, a.currency,
              to_char(h.since AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
FROM contracts c
JOIN ledger_accounts a ON a.contract_id = c.id AND a.kind = 'escrow' AND a.balance > 0
CROSS JOIN LATERAL (
    SELECT coalesce(max(s.created_at), c.created_at) AS since FROM status_history s
    WHERE s.entity_type = 'contract' AND s.entity_id = c.id AND s.to_status = 'disputed'
) h
WHERE c.status = 'disputed' AND h.since < $1::timestamptz - interval '45 days'
ORDER BY 1
