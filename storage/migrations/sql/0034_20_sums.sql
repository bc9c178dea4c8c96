-- Sums are wider than the amounts that they are made of: one that fits no column of amounts would fail the lists that
-- it stands in. A view's columns keep their types for as long as it is there.
DROP VIEW wallets;
-- What somebody has, by currency. `balance` is what can be spent; what is frozen is a part of what is pending.
CREATE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       round(coalesce(sum(a.balance) FILTER (WHERE a.kind IN ('wallet_funded', 'wallet_earned')), 0), 2) AS balance,
       round(coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0), 2) AS pending,
       round(coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0), 2) AS withdrawing,
       a.user_id::text || '-' || a.currency AS id,
       round(coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet_funded'), 0), 2) AS funded,
       round(coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet_earned'), 0), 2) AS earned,
       round(coalesce((
           SELECT sum(r.net - r.refunded + r.refunded_fee) FROM releases r
           WHERE r.user_id = a.user_id AND r.currency = a.currency AND r.status = 'frozen'
       ), 0), 2) AS frozen,
       round(-coalesce(sum(a.balance) FILTER (WHERE a.kind = 'debt'), 0), 2) AS debt
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;
GRANT SELECT, INSERT, UPDATE, DELETE ON wallets TO parley_service;
GRANT SELECT (user_id, currency, balance, pending, withdrawing, id, funded, earned, frozen, debt) ON wallets
    TO parley_app, parley_readonly;

CREATE OR REPLACE VIEW user_dashboard WITH (security_invoker = true) AS
SELECT u.id, u.display_name, u.kind,
       CASE WHEN u.kind IN ('client', 'both') THEN (
           SELECT jsonb_build_object(
               'active_jobs', count(*) FILTER (WHERE j.status IN ('open', 'in_progress')),
               'completed_jobs', count(*) FILTER (WHERE j.status = 'completed'),
               'total_spent', (SELECT coalesce(sum(c.total_amount), 0)::numeric(20, 2)::text FROM contracts c
                               WHERE c.client_id = u.id AND c.status = 'completed'))
           FROM jobs j WHERE j.client_id = u.id
       ) END AS client,
       CASE WHEN u.kind IN ('freelancer', 'both') THEN (
           SELECT jsonb_build_object(
               'active_contracts', count(*) FILTER (WHERE c.status = 'active'),
               'completed_contracts', count(*) FILTER (WHERE c.status = 'completed'),
               'total_earned', coalesce(sum(c.payout) FILTER (WHERE c.status = 'completed'), 0)::numeric(20, 2)::text,
               'pending_proposals', (SELECT count(*) FROM proposals p
                                     WHERE p.freelancer_id = u.id AND p.status = 'pending'))
           FROM contracts c WHERE c.freelancer_id = u.id
       ) END AS freelancer
FROM users u
WHERE u.id = (SELECT app_user()) AND u.status = 'active';
