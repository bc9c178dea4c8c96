-- What a link in a mail may do: look at preferences of a person, and turn them off.

-- name: asked
-- The language of a person ($1), and whether all of some categories ($2) by a channel ($3) are turned off. No row for
-- nobody.
SELECT u.locale, NOT EXISTS (
    SELECT FROM unnest($2::text[]) AS c(category)
    LEFT JOIN notification_preferences p ON p.user_id = u.id AND p.category = c.category AND p.channel = $3
    WHERE coalesce(p.is_enabled, true)
) AS is_off
FROM users u
WHERE u.id = $1

-- name: turn_off
-- Turns off for a person ($1) some categories ($2) by a channel ($3). The person's language; no row for nobody.
WITH person AS (
    SELECT u.id, u.locale FROM users u WHERE u.id = $1
), turned AS (
    INSERT INTO notification_preferences AS p (user_id, category, channel, is_enabled)
    SELECT person.id, c.category, $3, false FROM person CROSS JOIN unnest($2::text[]) AS c(category)
    ORDER BY c.category
    ON CONFLICT (user_id, category, channel) DO UPDATE SET is_enabled = false, updated_at = clock_timestamp()
    WHERE p.is_enabled
)
SELECT locale FROM person
