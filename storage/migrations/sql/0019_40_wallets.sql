-- What somebody has, by currency. `balance` is what can be spent; what is frozen is a part of what is pending.
CREATE OR REPLACE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       coalesce(sum(a.balance) FILTER (WHERE a.kind IN ('wallet_funded', 'wallet_earned')), 0)::numeric(14, 2)
           AS balance,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0)::numeric(14, 2) AS pending,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0)::numeric(14, 2) AS withdrawing,
       a.user_id::text || '-' || a.currency AS id,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet_funded'), 0)::numeric(14, 2) AS funded,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet_earned'), 0)::numeric(14, 2) AS earned,
       coalesce((
           SELECT sum(r.net - r.refunded + r.refunded_fee) FROM releases r
           WHERE r.user_id = a.user_id AND r.currency = a.currency AND r.status = 'frozen'
       ), 0)::numeric(14, 2) AS frozen,
       -coalesce(sum(a.balance) FILTER (WHERE a.kind = 'debt'), 0)::numeric(14, 2) AS debt
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;
