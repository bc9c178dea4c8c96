-- name: facts
-- All that is said of rows: of people by id ($1), of subjects by type and id ($2, $3), and the text
-- of messages by row, for readers who are still in the conversation ($4 rows, $5 readers, $6
-- conversations, $7 seqs).
SELECT 'person' AS what, u.id::text AS key,
       jsonb_build_object('name', u.display_name, 'status', u.status, 'locale', u.locale,
                          'zone', u.timezone) AS fact
FROM users u WHERE u.id = ANY ($1::uuid[])
UNION ALL
SELECT 'subject', s.subject_type || ' ' || s.subject_id,
       jsonb_build_object('title', s.title, 'context', s.context, 'amount', s.amount::text,
                          'currency', s.currency, 'due', s.due)
FROM notification_subjects($2::text[], $3::uuid[]) s
UNION ALL
SELECT 'subject', 'announcements ' || a.id,
       jsonb_build_object('headline', a.title, 'body', a.content, 'link', a.link)
FROM unnest($2::text[], $3::uuid[]) AS s(type, id)
JOIN announcements a ON s.type = 'announcements' AND a.id = s.id
UNION ALL
SELECT 'text', r.row::text, to_jsonb(left(m.content, 1000))
FROM unnest($4::integer[], $5::uuid[], $6::uuid[], $7::bigint[]) AS r(row, user_id, conversation_id, seq)
JOIN conversation_participants p ON p.conversation_id = r.conversation_id AND p.user_id = r.user_id
    AND p.left_at IS NULL
CROSS JOIN LATERAL message_at(r.conversation_id, r.seq) m
WHERE NOT m.is_deleted AND m.content IS NOT NULL AND m.type <> 'system'
