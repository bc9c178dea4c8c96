-- Takes the counters back into the listings' rows.
DROP TRIGGER gigs_counters_kept ON gigs;
DROP TRIGGER jobs_counters_kept ON jobs;
DROP TRIGGER IF EXISTS gigs_counters_carried ON gigs;
DROP TRIGGER IF EXISTS jobs_counters_carried ON jobs;

ALTER TABLE gigs ADD COLUMN IF NOT EXISTS view_count integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS order_count integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS favorite_count integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS trend_score double precision NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS view_count integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS proposal_count integer NOT NULL DEFAULT 0;

UPDATE gigs g
SET view_count = c.view_count, order_count = c.order_count, favorite_count = c.favorite_count,
    trend_score = c.trend_score
FROM gig_counters c
WHERE c.gig_id = g.id
      AND (g.view_count, g.order_count, g.favorite_count, g.trend_score)
          IS DISTINCT FROM (c.view_count, c.order_count, c.favorite_count, c.trend_score);
UPDATE jobs j SET view_count = c.view_count, proposal_count = c.proposal_count
FROM job_counters c
WHERE c.job_id = j.id AND (j.view_count, j.proposal_count) IS DISTINCT FROM (c.view_count, c.proposal_count);
CREATE INDEX IF NOT EXISTS gigs_most_ordered ON gigs (order_count DESC, id DESC) WHERE status = 'active';
CREATE INDEX IF NOT EXISTS gigs_trending ON gigs (trend_score DESC, id DESC) WHERE status = 'active';

DROP VIEW gigs_unveiled;
CREATE VIEW gigs_unveiled AS
SELECT id, freelancer_id, slug, category_id, subcategory_id, video_type, tags, currency, starting_price,
       order_count, rating, is_featured, status, created_at, trend_score
FROM gigs;
REVOKE ALL ON gigs_unveiled FROM parley_service;
GRANT SELECT ON gigs_unveiled TO parley_service;

CREATE OR REPLACE FUNCTION count_views(
    p_types text[], p_ids uuid[], p_viewers uuid[], p_ips inet[], p_agents text[],
    p_referrers text[], p_at timestamptz[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO view_events (entity_type, entity_id, viewer_id, ip, user_agent, referrer, viewed_at)
    SELECT * FROM unnest(p_types, p_ids, p_viewers, p_ips, p_agents, p_referrers, p_at);
    UPDATE gigs g SET view_count = g.view_count + v.n,
                      trend_score = trend_after(g.trend_score, v.n, v.newest)
    FROM (
        SELECT i.id, count(*) AS n, max(i.at) AS newest FROM unnest(p_types, p_ids, p_at) i(type, id, at)
        WHERE i.type = 'gig' GROUP BY i.id ORDER BY i.id
    ) v WHERE g.id = v.id;
    UPDATE jobs j SET view_count = j.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'job' GROUP BY i.id ORDER BY i.id
    ) v WHERE j.id = v.id;
    UPDATE freelancer_profiles p SET view_count = p.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'freelancer' GROUP BY i.id ORDER BY i.id
    ) v WHERE p.user_id = v.id;
    UPDATE portfolio_items p SET view_count = p.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'portfolio_item' GROUP BY i.id ORDER BY i.id
    ) v WHERE p.id = v.id;
END $$;

CREATE OR REPLACE FUNCTION count_favorite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.favorited_type = 'gig' THEN
        UPDATE gigs g SET favorite_count = g.favorite_count + 1,
                          trend_score = trend_after(g.trend_score, 5, now())
        WHERE g.id = NEW.favorited_id;
    ELSIF TG_OP = 'DELETE' AND OLD.favorited_type = 'gig' THEN
        UPDATE gigs g SET favorite_count = g.favorite_count - 1 WHERE g.id = OLD.favorited_id;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_proposal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE jobs j SET proposal_count = j.proposal_count + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    WHERE j.id = coalesce(NEW.job_id, OLD.job_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tell_copies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_row record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    v_key uuid;
BEGIN
    IF TG_ARGV[0] = 'user_id' THEN
        v_key := v_row.user_id;
    ELSE
        v_key := v_row.id;
    END IF;
    INSERT INTO outbox (consumer, kind, data)
    VALUES ('copies', TG_TABLE_NAME, jsonb_build_object('key', v_key));
    RETURN NULL;
END $$;

DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY['count_proposal', 'count_favorite', 'tell_copies'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;

DROP TABLE gig_counters, job_counters;
DROP FUNCTION keep_gig_counters(), keep_job_counters(), carry_gig_counters(), carry_job_counters();
