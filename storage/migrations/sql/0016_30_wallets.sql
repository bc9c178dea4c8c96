-- A currency alone tells one's own wallets apart, and not those that staff sees.
CREATE OR REPLACE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet'), 0)::numeric(14, 2) AS balance,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0)::numeric(14, 2) AS pending,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0)::numeric(14, 2) AS withdrawing,
       a.user_id::text || '-' || a.currency AS id
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;
