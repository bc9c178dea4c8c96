-- What the platform tells many people: its words by language, for whom, and how far it has come. Notifications of it hold
-- its id and none of its words. Recipients are told in the order of their ids, those after `last_user_id` not yet.
CREATE TABLE announcements (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    category text NOT NULL CONSTRAINT announcements_category_known CHECK (category IN ('marketing', 'security')),
    priority text NOT NULL
        CONSTRAINT announcements_priority_known CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    title jsonb NOT NULL CHECK (title ? 'en'),
    content jsonb NOT NULL CHECK (content ? 'en'),
    link text CHECK (char_length(link) BETWEEN 1 AND 500),
    filter jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'running'
        CONSTRAINT announcements_status_known CHECK (status IN ('running', 'done', 'cancelled')),
    recipients integer NOT NULL,
    told integer NOT NULL DEFAULT 0,
    last_user_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT announcements_ended CHECK ((ended_at IS NULL) = (status = 'running'))
);
CREATE INDEX announcements_running ON announcements (created_at, id) WHERE status = 'running';
GRANT SELECT, INSERT, UPDATE, DELETE ON announcements TO parley_service;

-- Whom a filter means of the next people ($4 at most, all for NULL) after one, by their ids: active, registered until a
-- time, and as each of its members says. A client is also who is both, as is a freelancer; a language is also what is said
-- of it in a country.
CREATE FUNCTION announced_to(p_filter jsonb, p_until timestamptz, p_after uuid, p_most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE AS $$
    WITH f AS MATERIALIZED (
        SELECT p_filter ->> 'kind' AS kind, lower(p_filter ->> 'locale') AS locale,
               p_filter ->> 'country' AS country,
               (p_filter ->> 'registered_after')::timestamptz AS registered_after,
               (p_filter ->> 'registered_before')::timestamptz AS registered_before
    )
    SELECT u.id
    FROM (
        SELECT p.id, p.kind, p.locale, p.status, p.created_at FROM users p WHERE p.id > p_after
        ORDER BY p.id LIMIT p_most
    ) u CROSS JOIN f
    WHERE u.status = 'active' AND u.created_at <= p_until
      AND (f.kind IS NULL OR u.kind = f.kind OR (u.kind = 'both' AND f.kind <> 'both'))
      AND (f.locale IS NULL OR lower(u.locale) = f.locale OR starts_with(lower(u.locale), f.locale || '-'))
      AND (f.registered_after IS NULL OR u.created_at >= f.registered_after)
      AND (f.registered_before IS NULL OR u.created_at < f.registered_before)
      AND (f.country IS NULL
           OR EXISTS (SELECT FROM freelancer_profiles r WHERE r.user_id = u.id AND r.country = f.country)
           OR EXISTS (SELECT FROM client_profiles c WHERE c.user_id = u.id AND c.country = f.country))
    ORDER BY u.id
$$;
