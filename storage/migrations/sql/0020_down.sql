-- Takes back what 0020 made.
ALTER TABLE contracts ALTER CONSTRAINT contracts_conversation_id_fkey NOT DEFERRABLE;
ALTER TABLE milestones DROP COLUMN timers_left;
DROP FUNCTION idempotency_begin(uuid, text, text, text);
DROP FUNCTION workflow_sees(uuid, text, uuid);
DROP FUNCTION workflow_lock(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[]);
DROP FUNCTION workflow_write(jsonb, timestamptz);
DROP FUNCTION timer_due(timers);
DROP TABLE timers_paused;
DROP TABLE timers;
CREATE TABLE timers (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    machine text NOT NULL,
    entity_id uuid NOT NULL,
    action text NOT NULL,
    due_at timestamptz NOT NULL,
    -- The row of platform_settings that says how long: a change of it moves what is running.
    setting text REFERENCES platform_settings (key),
    started_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    UNIQUE (machine, entity_id, action)
);
CREATE INDEX timers_due ON timers (due_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON timers TO parley_service;
DELETE FROM platform_settings WHERE key IN (
    'contract_idle_end_days', 'contract_idle_days', 'milestone_unsubmitted_days', 'milestone_unreturned_days',
    'cancel_late_hours', 'sent_back_cancel_days', 'amendment_days', 'offer_days', 'dispute_answer_days',
    'dispute_escalation_days', 'dispute_alert_days', 'dispute_mean_days', 'refund_answer_days',
    'refund_cleared_days', 'withdrawal_days', 'payout_method_hours', 'credentials_hours', 'tip_days',
    'ticket_close_days');
DROP FUNCTION setting_length(text);
DROP FUNCTION workflow_now();
DROP TABLE workflow_clock;
