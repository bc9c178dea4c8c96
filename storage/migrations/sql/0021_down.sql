-- Takes back what 0021 made. System messages stay in their conversations, without what they say.
DROP FUNCTION lease_in_order(text, text[], integer, integer, uuid, float8);
DROP FUNCTION workflow_tell(jsonb);
DROP FUNCTION workflow_join(uuid, uuid, integer);
DROP FUNCTION workflow_conversation(uuid, uuid, uuid, uuid, uuid, text);
DROP FUNCTION workflow_say(uuid, uuid, jsonb);

-- Nobody would tell them.
DELETE FROM outbox WHERE consumer IN ('domain', 'payments');
ALTER TABLE outbox DROP CONSTRAINT outbox_consumer_listed;
ALTER TABLE outbox ADD CONSTRAINT outbox_consumer_known
    CHECK (consumer IN ('realtime', 'search', 'notifications', 'copies'));

DO $$
DECLARE
    v_added text := E'WHEN v_message.type = ''system'' THEN ''forbidden''\n        ';
    v_made text := pg_get_functiondef('delete_message'::regproc);
BEGIN
    EXECUTE replace(v_made, v_added, '');
END $$;

DROP VIEW own_conversations, shown_conversations, shown_messages;
CREATE VIEW shown_messages AS
SELECT m.id, m.conversation_id, m.seq, m.rev, m.sender_id, m.client_id, m.type,
       CASE WHEN NOT m.is_deleted THEN m.content END AS content,
       m.created_at, m.parent_id, m.reply_count, m.last_reply_at,
       CASE WHEN NOT m.is_deleted THEN m.mentions END AS mentions,
       m.is_pinned, m.is_deleted, m.is_changed, m.edited_at,
       CASE WHEN m.attachment_count > 0 AND NOT m.is_deleted THEN (
           SELECT json_agg(json_build_object(
                      'file_id', f.id, 'name', f.name, 'mime', f.mime, 'bytes', f.bytes,
                      'width', f.width, 'height', f.height) ORDER BY a.position)
           FROM message_attachments a
           JOIN files f ON f.id = a.file_id AND f.state = 'ready'
           WHERE a.conversation_id = m.conversation_id AND a.seq = m.seq
       ) END AS attachments,
       CASE WHEN m.reaction_count > 0 AND NOT m.is_deleted THEN (
           SELECT json_agg(json_build_array(e.emoji, e.total, to_json(e.users)) ORDER BY e.first_at, e.emoji)
           FROM (
               SELECT max(g.emoji COLLATE "C") AS emoji, count(*) AS total, min(g.created_at) AS first_at,
                      (array_agg(g.user_id ORDER BY g.created_at, g.user_id))[1:100] AS users
               FROM (
                   SELECT reaction_key(r.emoji) AS key, r.user_id, max(r.emoji COLLATE "C") AS emoji,
                          min(r.created_at) AS created_at
                   FROM message_reactions r
                   WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq
                   GROUP BY reaction_key(r.emoji), r.user_id
               ) g
               GROUP BY g.key
           ) e
       ) END AS reactions
FROM messages m;

CREATE VIEW shown_conversations AS
SELECT c.id AS c_id, c.type AS c_type, c.status AS c_status, c.title AS c_title,
       c.job_id AS c_job_id, c.contract_id AS c_contract_id, c.last_seq AS c_last_seq,
       c.rev AS c_rev, c.last_message_at AS c_last_message_at, c.created_at AS c_created_at,
       c.fanout AS c_fanout,
       (
           SELECT json_agg(json_build_object(
                      'user_id', p.user_id, 'role', p.role, 'last_read_seq', p.last_read_seq,
                      'last_delivered_seq', p.last_delivered_seq,
                      'display_name', u.display_name) ORDER BY p.joined_at, p.user_id)
           FROM conversation_participants p
           JOIN users u ON u.id = p.user_id
           WHERE p.conversation_id = c.id AND p.left_at IS NULL
       ) AS c_participants,
       m.*
FROM conversations c
LEFT JOIN LATERAL (
    SELECT s.* FROM shown_messages s
    WHERE s.conversation_id = c.id AND s.seq = c.last_seq AND s.created_at = c.last_message_at
    LIMIT 1
) m ON true;

CREATE VIEW own_conversations AS
SELECT me.user_id AS own_user_id, me.last_read_seq AS own_last_read_seq,
       v.c_last_seq - me.last_read_seq - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = me.conversation_id AND t.seq > me.last_read_seq
       ) AS own_unread,
       me.is_muted AS own_is_muted,
       is_archived_at(me.archived_seq, me.is_archived, me.is_muted, v.c_last_seq) AS own_is_archived,
       me.is_pinned AS own_is_pinned, v.*
FROM conversation_participants me
JOIN shown_conversations v ON v.c_id = me.conversation_id
WHERE me.left_at IS NULL;

ALTER TABLE messages DROP COLUMN system;
