-- name: list
-- A page of a user's notifications below a position, newest first.
SELECT * FROM shown_notifications
WHERE user_id = $1 AND archived_at IS NULL AND in_app
  AND (expires_at IS NULL OR expires_at > clock_timestamp())
  AND (NOT $2::boolean OR read_at IS NULL)
  AND (updated_at, id) < (
      coalesce($3::timestamptz, 'infinity'),
      coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  )
ORDER BY updated_at DESC, id DESC
LIMIT $5

-- name: unread
-- How many notifications users have not read; who has none is absent. Unread runs are no part of it: the
-- unread messages of their conversations are counted.
SELECT user_id, count(*) AS unread FROM shown_notifications
WHERE user_id = ANY ($1::uuid[]) AND stamped_at IS NULL AND archived_at IS NULL AND in_app
  AND (expires_at IS NULL OR expires_at > clock_timestamp())
  AND read_at IS NULL AND type <> 'message.run'
GROUP BY user_id

-- name: by_ids
-- Notifications by (user, id), in any state.
SELECT n.*
FROM unnest($1::uuid[], $2::uuid[]) AS r(user_id, id)
JOIN shown_notifications n ON n.user_id = r.user_id AND n.id = r.id
