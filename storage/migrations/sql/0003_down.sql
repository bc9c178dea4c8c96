-- Takes the marketplace away again. The roles stay: they belong to the whole server, and other
-- databases may use them; here they hold nothing any more.

DROP VIEW
    wallets, job_stats, user_dashboard, gig_stats, order_stats, payment_stats, messaging_stats,
    review_stats;

-- Before the tables, so that none is kept by what belongs to another.
DO $$
DECLARE
    v record;
BEGIN
    FOR v IN
        SELECT p.tablename, p.policyname FROM pg_policies p WHERE p.schemaname = current_schema()
    LOOP
        EXECUTE format('DROP POLICY %I ON %I', v.policyname, v.tablename);
    END LOOP;
END $$;

ALTER TABLE users DISABLE ROW LEVEL SECURITY;
ALTER TABLE notification_settings DISABLE ROW LEVEL SECURITY;
DROP TRIGGER users_audited ON users;
DROP TRIGGER user_private_audited ON user_private;
DROP TRIGGER users_guarded ON users;
DROP TRIGGER reports_guarded ON reports;

DROP TABLE
    auth_tokens, mfa_factors, mfa_recovery_codes, oauth_identities, user_consents,
    identity_verifications, user_keys, data_requests, push_devices, categories, skills,
    skill_edges, freelancer_profiles, freelancer_private, client_profiles, client_private,
    user_skills, user_categories, educations, work_experiences, portfolio_items, gigs,
    gig_packages, gig_extras, gig_requirements, gig_faqs, jobs, job_skills, proposals, contracts,
    contract_members, contract_extras, contract_answers, contract_cancellations, milestones,
    deliverables, status_history, agents, tasks, task_dependencies, agent_runs, task_matches,
    ai_analyses, payment_methods, payout_methods, ledger_accounts, journals,
    journal_lines, transactions, escrows, refunds, payout_batches, withdrawals, fee_structure,
    provider_events, reviews, review_votes, review_invitations, user_ratings, disputes,
    support_tickets, meetings, notification_deliveries, saved_searches, favorites, search_history,
    view_events, certifications, courses, learning_paths, learning_path_items, course_enrollments,
    credit_awards, shadowing_sessions, community_events, event_attendees, platform_settings,
    timers, idempotency_keys, webhook_endpoints, webhook_deliveries, audit_log, daily_stats,
    status_transitions CASCADE;

DROP FUNCTION maintain_partitions();
ALTER FUNCTION maintain_message_partitions() RENAME TO maintain_partitions;
DROP FUNCTION
    app_user, app_is_staff, app_is_admin, weighed_tokens, words_of, refuse_circle,
    journal_must_balance, refuse_change, proposal_of_job, review_of_contract, task_of_job,
    count_proposal, price_gig, trend_after, count_favorite, count_vote, calculate_user_rating,
    keep_ratings, count_views, get_project_recommendations, audit_row, ensure_month,
    app_member_contracts, app_offered_jobs, guard_status;

-- Neither is there without pgvector.
DROP TABLE IF EXISTS embeddings;
DROP EXTENSION IF EXISTS vector;
DROP EXTENSION btree_gist;

DO $$
DECLARE
    v_schema text := current_schema();
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['parley_app', 'parley_service', 'parley_readonly'] LOOP
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', v_schema, v_role);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM %I', v_schema, v_role);
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', v_schema, v_role);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON TABLES FROM %I', v_schema, v_role);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON SEQUENCES FROM %I', v_schema, v_role);
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO PUBLIC', v_schema);
END $$;
