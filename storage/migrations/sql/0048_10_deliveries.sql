-- Deliveries by e-mail and push: a queue by hash of the person. Rows of before are carried over.
CREATE TEMPORARY TABLE notification_deliveries_before ON COMMIT DROP AS SELECT * FROM notification_deliveries;
DROP TABLE notification_deliveries;

CREATE TABLE notification_deliveries (
    id uuid NOT NULL DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel text NOT NULL CONSTRAINT deliveries_channel_known CHECK (channel IN ('email', 'push')),
    -- 'email', or the id of a row of push_devices.
    endpoint text NOT NULL,
    -- What later ones of the same conversation or subject share; 'digest' of digests.
    group_key text NOT NULL,
    -- Rises within a group: the newest message when it was queued, or the time; of a digest the end of its window.
    edition bigint NOT NULL,
    category text NOT NULL,
    priority text NOT NULL DEFAULT 'normal'
        CONSTRAINT deliveries_priority_known CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    -- Who goes first of what is due: 0 is urgent, 1 is one person's, 2 is what many get at once.
    rank smallint NOT NULL DEFAULT 1 CONSTRAINT deliveries_rank_known CHECK (rank BETWEEN 0 AND 2),
    status text NOT NULL DEFAULT 'pending' CONSTRAINT deliveries_status_known CHECK (status IN (
        'pending', 'deferred', 'leased', 'sent', 'cancelled', 'suppressed', 'dead')),
    reason text CONSTRAINT deliveries_reason_known CHECK (reason IN (
        'sent', 'read', 'deleted', 'settled', 'left', 'blocked', 'account_closed', 'muted', 'expired',
        'active_until', 'quiet_until', 'snoozed_until', 'preference_off', 'digest', 'capped', 'switched_off',
        'device_gone', 'suppressed', 'replaced', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    -- When it is due; of a leased one when its lease ends, and anybody may take it. NULL once it is over.
    next_attempt_at timestamptz,
    lease uuid,
    -- How many leases in a row ended without a result.
    lapses integer NOT NULL DEFAULT 0,
    -- Of an e-mail, the same over all tries.
    message_id text,
    -- What the last try came to, for operators.
    error text,
    -- Since when it is held back for a person who is active.
    held_since timestamptz,
    -- What it told when it was sent: of a conversation up to which message, else when it had last changed.
    told bigint,
    sent_at timestamptz,
    -- Since when it has been tried, or its provider has kept it from being tried.
    tried_since timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Nothing writes it: the released version (0006) reads it in its list of deliveries.
    notification_id uuid,
    PRIMARY KEY (user_id, id),
    CONSTRAINT deliveries_once UNIQUE (user_id, channel, endpoint, group_key, edition),
    CONSTRAINT deliveries_open_is_due CHECK (
        (next_attempt_at IS NOT NULL) = (status IN ('pending', 'deferred', 'leased'))),
    CONSTRAINT deliveries_leased_by CHECK ((lease IS NOT NULL) = (status = 'leased'))
) PARTITION BY HASH (user_id);
CREATE TABLE notification_deliveries_0 PARTITION OF notification_deliveries FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE notification_deliveries_1 PARTITION OF notification_deliveries FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE notification_deliveries_2 PARTITION OF notification_deliveries FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE notification_deliveries_3 PARTITION OF notification_deliveries FOR VALUES WITH (MODULUS 4, REMAINDER 3);

-- All that is due, leases that have lapsed included.
CREATE INDEX notification_deliveries_due ON notification_deliveries (channel, rank, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
-- Caps count what was tried of late, and what is about to be.
CREATE INDEX notification_deliveries_tried ON notification_deliveries (user_id, channel, tried_since)
    WHERE tried_since IS NOT NULL;
CREATE INDEX notification_deliveries_leased ON notification_deliveries (user_id, channel, id)
    WHERE status = 'leased';
CREATE INDEX notification_deliveries_listed ON notification_deliveries (user_id, created_at DESC, id DESC);
CREATE INDEX notification_deliveries_dead ON notification_deliveries (updated_at) WHERE status = 'dead';
-- What waits for a digest.
CREATE INDEX notification_deliveries_digested ON notification_deliveries (user_id, updated_at)
    WHERE status = 'cancelled' AND reason = 'digest';

-- Which notifications a delivery carries; a digest's are written when it is sent.
CREATE TABLE notification_delivery_items (
    user_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    PRIMARY KEY (user_id, notification_id, delivery_id)
) PARTITION BY HASH (user_id);
CREATE TABLE notification_delivery_items_0 PARTITION OF notification_delivery_items
    FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE notification_delivery_items_1 PARTITION OF notification_delivery_items
    FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE notification_delivery_items_2 PARTITION OF notification_delivery_items
    FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE notification_delivery_items_3 PARTITION OF notification_delivery_items
    FOR VALUES WITH (MODULUS 4, REMAINDER 3);
-- Both tables are cut alike. A key to the whole table would be planned anew for each row.
ALTER TABLE notification_delivery_items_0 ADD FOREIGN KEY (user_id, delivery_id)
    REFERENCES notification_deliveries_0 (user_id, id) ON DELETE CASCADE;
ALTER TABLE notification_delivery_items_1 ADD FOREIGN KEY (user_id, delivery_id)
    REFERENCES notification_deliveries_1 (user_id, id) ON DELETE CASCADE;
ALTER TABLE notification_delivery_items_2 ADD FOREIGN KEY (user_id, delivery_id)
    REFERENCES notification_deliveries_2 (user_id, id) ON DELETE CASCADE;
ALTER TABLE notification_delivery_items_3 ADD FOREIGN KEY (user_id, delivery_id)
    REFERENCES notification_deliveries_3 (user_id, id) ON DELETE CASCADE;
CREATE INDEX notification_delivery_items_of ON notification_delivery_items (user_id, delivery_id);

INSERT INTO notification_deliveries (
    id, user_id, channel, endpoint, group_key, edition, category, priority, status, reason, attempts,
    next_attempt_at, error, sent_at, tried_since, created_at, updated_at)
SELECT b.id, b.user_id, b.channel,
       -- To which device nobody knew.
       CASE b.channel WHEN 'push' THEN '00000000-0000-0000-0000-000000000000' ELSE b.channel END, 'id:' || b.notification_id, 0, coalesce(n.category, 'message'),
       coalesce(n.priority, 'normal'), CASE b.status WHEN 'ok' THEN 'sent' ELSE b.status END,
       CASE b.status WHEN 'ok' THEN 'sent' WHEN 'dead' THEN 'failed' END, b.attempts,
       CASE b.status WHEN 'pending' THEN coalesce(b.next_attempt_at, b.created_at) END, b.error,
       CASE b.status WHEN 'ok' THEN b.created_at END, CASE WHEN b.attempts > 0 THEN b.created_at END,
       b.created_at, b.created_at
FROM notification_deliveries_before b
LEFT JOIN notifications n ON n.user_id = b.user_id AND n.id = b.notification_id;
INSERT INTO notification_delivery_items (user_id, notification_id, delivery_id)
SELECT b.user_id, b.notification_id, b.id FROM notification_deliveries_before b;

DELETE FROM status_transitions WHERE table_name = 'notification_deliveries';
INSERT INTO status_transitions (table_name, from_status, to_status) VALUES
    ('notification_deliveries', '', 'pending'),
    ('notification_deliveries', 'pending', 'leased'),
    ('notification_deliveries', 'deferred', 'leased'),
    ('notification_deliveries', 'leased', 'sent'),
    ('notification_deliveries', 'leased', 'cancelled'),
    ('notification_deliveries', 'leased', 'suppressed'),
    ('notification_deliveries', 'leased', 'deferred'),
    ('notification_deliveries', 'leased', 'dead'),
    ('notification_deliveries', 'dead', 'pending');
CREATE TRIGGER notification_deliveries_guarded BEFORE INSERT OR UPDATE OF status ON notification_deliveries
    FOR EACH ROW EXECUTE FUNCTION guard_status('notification_deliveries');
