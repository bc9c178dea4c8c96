-- Notifications as they are shown: read where the messages that they tell of are, or cannot be seen any more. Until
-- that is stamped it is not known when: it shows when they last changed, which is told the same each time.
CREATE VIEW shown_notifications WITH (security_invoker = true) AS
SELECT n.id, n.user_id, n.type, n.category, n.priority, n.data, n.action_url, n.group_key,
       n.subject_type, n.subject_id, n.actor_id, n.seq, n.ended, n.in_app,
       CASE
           WHEN n.type = 'message.run' THEN greatest(1, c.last_seq - p.last_read_seq - (
               SELECT count(*) FROM message_tombstones t
               WHERE t.conversation_id = c.id AND t.seq > p.last_read_seq
           ))::integer
           ELSE greatest(1, n.count - coalesce((
               SELECT count(*) FROM unnest(n.seqs) s WHERE s <= p.last_read_seq
           ), 0))::integer
       END AS count,
       n.created_at, n.updated_at, n.seen_at, n.archived_at, n.expires_at,
       n.read_at AS stamped_at,
       coalesce(n.read_at, CASE
           WHEN n.subject_type = 'conversation' AND (
               p.user_id IS NULL OR p.left_at IS NOT NULL OR n.seq <= p.last_read_seq
           ) THEN n.updated_at
       END) AS read_at
FROM notifications n
LEFT JOIN conversation_participants p
  ON n.subject_type = 'conversation' AND n.read_at IS NULL
 AND p.conversation_id = n.subject_id AND p.user_id = n.user_id
LEFT JOIN conversations c ON n.type = 'message.run' AND c.id = p.conversation_id;
GRANT SELECT ON shown_notifications TO parley_service;
