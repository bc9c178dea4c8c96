-- Takes back the guards, the bounds of settings and the key of wallets.
DROP TRIGGER jobs_currency_fixed ON jobs;
DROP TRIGGER gig_packages_kept ON gig_packages;
DROP TRIGGER jobs_files_owned ON jobs;
DROP TRIGGER proposals_files_owned ON proposals;
DROP TRIGGER portfolio_items_files_owned ON portfolio_items;
DROP TRIGGER support_tickets_files_owned ON support_tickets;
DROP TRIGGER contract_answers_files_owned ON contract_answers;
DROP TRIGGER deliverables_files_owned ON deliverables;
DROP TRIGGER disputes_files_owned ON disputes;
DROP TRIGGER identity_verifications_files_owned ON identity_verifications;
DROP TRIGGER proposals_portfolio_owned ON proposals;
DROP TRIGGER platform_settings_fits ON platform_settings;
DROP FUNCTION guard_job_currency(), guard_last_package(), guard_files(), guard_portfolio_items(), guard_setting();

DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format($function$
CREATE OR REPLACE FUNCTION proposal_of_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = %s, pg_temp AS $body$
BEGIN
    SELECT j.client_id, j.currency INTO NEW.client_id, NEW.currency FROM jobs j WHERE j.id = NEW.job_id;
    RETURN NEW;
END $body$;
$function$, v_path);
END $$;

ALTER TABLE platform_settings DROP COLUMN value_type, DROP COLUMN minimum, DROP COLUMN maximum;

DROP VIEW wallets;
CREATE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet'), 0)::numeric(14, 2) AS balance,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0)::numeric(14, 2) AS pending,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0)::numeric(14, 2) AS withdrawing
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;
GRANT SELECT (user_id, currency, balance, pending, withdrawing) ON wallets TO parley_app, parley_readonly;
GRANT SELECT, INSERT, UPDATE, DELETE ON wallets TO parley_service;

DROP INDEX IF EXISTS job_skills_of_skill_newest;
