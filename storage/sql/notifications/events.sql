-- name: subjects
-- What events are about, by now: by the paths of resources and ids.
SELECT s.subject_type, s.subject_id, s.status, s.is_answered, s.client_id, s.lead_id, s.owner_id,
       s.other_id
FROM notification_subjects($1::text[], $2::uuid[]) s

-- name: readers
-- Which of these people may read their subjects now, by position, as the policies have it; and where
-- it is asked for, what they have earned by it: of a milestone, or by the newest tip of a contract.
SELECT c.place::integer AS place, e.amount::text AS amount, e.currency
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::boolean[])
    WITH ORDINALITY AS c(user_id, subject_type, subject_id, is_earned, place)
JOIN users u ON u.id = c.user_id AND u.status NOT IN ('deleted', 'anonymized')
LEFT JOIN LATERAL (
    SELECT sum(r.net) AS amount, min(r.currency) AS currency FROM releases r
    WHERE c.is_earned AND c.subject_type = 'milestones' AND r.milestone_id = c.subject_id
      AND r.user_id = c.user_id
    HAVING count(*) > 0
    UNION ALL
    (
        SELECT r.net, r.currency FROM releases r
        WHERE c.is_earned AND c.subject_type = 'contracts' AND r.contract_id = c.subject_id
          AND r.kind = 'tip' AND r.user_id = c.user_id
        ORDER BY r.created_at DESC, r.id DESC
        LIMIT 1
    )
) e ON true
WHERE workflow_sees(c.user_id, replace(c.subject_type, '-', '_'), c.subject_id)

-- name: settle
-- Closes what `actors` have open of subjects on which they have acted, and what asks `people` for
-- something (the types $2) that has been answered. What is newer than the subject's `version` stays.
SELECT close_notifications(array_agg(n.user_id), array_agg(n.id), 'settled')
FROM jsonb_to_recordset($1::jsonb) AS s(
    resource text, id uuid, version integer, actors uuid[], people uuid[]
)
JOIN notifications n ON n.user_id = ANY (s.actors || s.people) AND n.subject_id = s.id
WHERE n.subject_type = s.resource AND n.read_at IS NULL AND n.archived_at IS NULL
  AND coalesce((n.data ->> 'version')::integer, 0) <= s.version
  AND (n.user_id = ANY (s.actors) OR n.type = ANY ($2::text[]))
