-- Takes back what 0048 made: deliveries are what they were. Those that came to nothing were none then.
DROP TRIGGER users_judged_again ON users;
DROP TRIGGER notification_settings_made_judged_again ON notification_settings;
DROP TRIGGER notification_settings_judged_again ON notification_settings;
DROP TRIGGER quiet_hours_made_judged_again ON quiet_hours;
DROP TRIGGER quiet_hours_judged_again ON quiet_hours;
DROP TRIGGER quiet_hours_gone_judged_again ON quiet_hours;
DROP FUNCTION judge_changed_again();
DROP FUNCTION judge_user_again();
DROP FUNCTION judge_again(uuid[]);
DROP FUNCTION record_digested(uuid[], uuid[], uuid[], timestamptz[]);
DROP FUNCTION record_deliveries(uuid[], uuid[], uuid[], text[], text[], timestamptz[], integer[], text[], text[],
                                bigint[], timestamptz[], uuid[], uuid[]);
DROP FUNCTION renew_deliveries(uuid[], uuid[], uuid[], float8);
DROP FUNCTION lock_deliveries(uuid[], uuid[]);
CREATE OR REPLACE FUNCTION notifications_stored(p_users uuid[], p_ids uuid[]) RETURNS void
LANGUAGE sql VOLATILE AS $$ SELECT $$;
DROP FUNCTION queue_deliveries(uuid[], uuid[]);
DROP FUNCTION delivery_before(uuid, text, text, text, uuid);
DROP FUNCTION delivery_wanted(uuid, text, text);
DROP FUNCTION delivery_cap(text);
DROP FUNCTION delivery_rank(text, text);
DROP FUNCTION delivery_edition(notifications);
DROP FUNCTION delivery_told(notifications);
DELETE FROM platform_settings WHERE key IN (
    'push_wait_seconds', 'mail_wait_seconds', 'push_again_seconds', 'mail_again_hours', 'active_hold_seconds',
    'pushes_per_hour', 'mails_per_day', 'deliver_message_email', 'deliver_message_push', 'deliver_job_email',
    'deliver_job_push', 'deliver_proposal_email', 'deliver_proposal_push', 'deliver_contract_email',
    'deliver_contract_push', 'deliver_payment_email', 'deliver_payment_push', 'deliver_review_email',
    'deliver_review_push', 'deliver_marketing_email', 'deliver_marketing_push', 'deliver_security_email',
    'deliver_security_push', 'deliver_digest_email');

CREATE TEMPORARY TABLE notification_deliveries_before ON COMMIT DROP AS
SELECT DISTINCT ON (d.user_id, i.notification_id, d.channel)
       d.id, d.user_id, i.notification_id, d.channel,
       CASE d.status WHEN 'sent' THEN 'ok' WHEN 'dead' THEN 'dead' ELSE 'pending' END AS status,
       d.attempts, CASE WHEN d.status <> 'sent' THEN d.next_attempt_at END AS next_attempt_at, d.error, d.created_at
FROM notification_deliveries d
JOIN notification_delivery_items i ON i.user_id = d.user_id AND i.delivery_id = d.id
WHERE d.status NOT IN ('cancelled', 'suppressed') AND d.group_key <> 'digest'
ORDER BY d.user_id, i.notification_id, d.channel, d.edition DESC, d.id;
DROP TABLE notification_delivery_items;
DROP TABLE notification_deliveries;
CREATE TABLE notification_deliveries (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    notification_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'push')),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'ok', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, notification_id, channel)
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (next_attempt_at)
    WHERE status = 'pending';
INSERT INTO notification_deliveries SELECT * FROM notification_deliveries_before;

DELETE FROM status_transitions WHERE table_name = 'notification_deliveries';
INSERT INTO status_transitions (table_name, from_status, to_status) VALUES
    ('notification_deliveries', '', 'pending'),
    ('notification_deliveries', 'pending', 'dead'),
    ('notification_deliveries', 'pending', 'ok');
CREATE TRIGGER notification_deliveries_guarded BEFORE INSERT OR UPDATE OF status ON notification_deliveries
    FOR EACH ROW EXECUTE FUNCTION guard_status('notification_deliveries');
ALTER TABLE notification_deliveries ENABLE ROW LEVEL SECURITY;
GRANT SELECT (attempts, channel, created_at, id, next_attempt_at, notification_id, status, user_id)
    ON notification_deliveries TO parley_app;
GRANT SELECT (attempts, channel, created_at, id, next_attempt_at, notification_id, status, user_id)
    ON notification_deliveries TO parley_readonly;
CREATE POLICY notification_deliveries_read ON notification_deliveries FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_deliveries_service ON notification_deliveries FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY notification_deliveries_readonly ON notification_deliveries FOR SELECT TO parley_readonly
    USING (true);
