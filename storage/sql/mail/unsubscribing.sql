-- What a link in a mail may do: look at a preference of a person, and turn it off.

-- name: asked
-- The language of a person ($1), and whether a category ($2) by a channel ($3) is turned off. No row for nobody.
SELECT u.locale, coalesce(NOT p.is_enabled, false) AS is_off
FROM users u
LEFT JOIN notification_preferences p ON p.user_id = u.id AND p.category = $2 AND p.channel = $3
WHERE u.id = $1

-- name: turn_off
-- Turns off for a person ($1) a category ($2) by a channel ($3). The person's language; no row for nobody.
WITH person AS (
    SELECT u.id, u.locale FROM users u WHERE u.id = $1
), turned AS (
    INSERT INTO notification_preferences AS p (user_id, category, channel, is_enabled)
    SELECT id, $2, $3, false FROM person
    ON CONFLICT (user_id, category, channel) DO UPDATE SET is_enabled = false, updated_at = clock_timestamp()
    WHERE p.is_enabled
)
SELECT locale FROM person
