-- name: of_users
-- What users want, a row each.
SELECT user_id, chosen, quiet_hours, digest, digest_hour, digest_weekday, snooze_until, show_text, zone, locale
FROM notification_wishes($1)

-- name: set
-- Sets what a user wants: all that the object has, or nothing.
SELECT set_notification_wishes($1, $2::jsonb)
