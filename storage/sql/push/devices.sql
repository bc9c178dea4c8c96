-- name: register
-- Registers a device for a login, or refreshes it; see the function for the verdicts.
SELECT verdict, device_id
FROM register_push_device($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: delete_gone
-- Forgets devices that their push services do not know any more.
DELETE FROM push_devices WHERE id = ANY ($1::uuid[])

-- name: mark_stale
-- Notes devices for which a service refuses the installation's key, unless registered anew since $2.
UPDATE push_devices SET stale_at = clock_timestamp()
WHERE id = ANY ($1::uuid[]) AND stale_at IS NULL AND last_seen_at <= $2

-- name: touch_used
-- Notes that devices were pushed to; at most once an hour, since nobody needs it finer.
UPDATE push_devices SET last_used_at = clock_timestamp()
WHERE id = ANY ($1::uuid[])
    AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 hour')
