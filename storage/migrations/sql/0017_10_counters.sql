-- Figures of a listing that others move: in a narrow row beside it. A change of the listing's own row writes its
-- search vector, its texts and its indexes anew. `status` is a copy of the listing's, so that an index
-- on what everybody sees has the order of a figure.
CREATE TABLE gig_counters (
    gig_id uuid PRIMARY KEY,
    status text NOT NULL,
    view_count integer NOT NULL DEFAULT 0,
    order_count integer NOT NULL DEFAULT 0,
    favorite_count integer NOT NULL DEFAULT 0,
    trend_score double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

CREATE TABLE job_counters (
    job_id uuid PRIMARY KEY,
    status text NOT NULL,
    view_count integer NOT NULL DEFAULT 0,
    proposal_count integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

GRANT SELECT, INSERT, UPDATE, DELETE ON gig_counters, job_counters TO parley_service;

-- Filled while others write: what they change meanwhile is filled again below, when they wait.
INSERT INTO gig_counters (gig_id, status, view_count, order_count, favorite_count, trend_score)
SELECT g.id, g.status, g.view_count, g.order_count, g.favorite_count, g.trend_score FROM gigs g;
INSERT INTO job_counters (job_id, status, view_count, proposal_count)
SELECT j.id, j.status, j.view_count, j.proposal_count FROM jobs j;

CREATE INDEX gig_counters_most_ordered ON gig_counters (order_count DESC, gig_id DESC) WHERE status = 'active';
CREATE INDEX gig_counters_trending ON gig_counters (trend_score DESC, gig_id DESC) WHERE status = 'active';

-- A listing has its counters from its first moment, and they know its status.
CREATE FUNCTION keep_gig_counters() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO gig_counters (gig_id, status) VALUES (NEW.id, NEW.status)
    ON CONFLICT (gig_id) DO UPDATE SET status = EXCLUDED.status;
    RETURN NULL;
END $$;
CREATE FUNCTION keep_job_counters() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO job_counters (job_id, status) VALUES (NEW.id, NEW.status)
    ON CONFLICT (job_id) DO UPDATE SET status = EXCLUDED.status;
    RETURN NULL;
END $$;

-- The columns of before stay until `parley migrate --contract`, which takes these triggers with them. What
-- still writes the old columns, as a transaction that has begun before this one, moves the new.
CREATE FUNCTION carry_gig_counters() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE gig_counters c
    SET view_count = c.view_count + NEW.view_count - OLD.view_count,
        order_count = c.order_count + NEW.order_count - OLD.order_count,
        favorite_count = c.favorite_count + NEW.favorite_count - OLD.favorite_count,
        trend_score = greatest(c.trend_score, NEW.trend_score)
    WHERE c.gig_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION carry_job_counters() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE job_counters c
    SET view_count = c.view_count + NEW.view_count - OLD.view_count,
        proposal_count = c.proposal_count + NEW.proposal_count - OLD.proposal_count
    WHERE c.job_id = NEW.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_proposal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE job_counters c SET proposal_count = c.proposal_count + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    WHERE c.job_id = coalesce(NEW.job_id, OLD.job_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_favorite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.favorited_type = 'gig' THEN
        UPDATE gig_counters c SET favorite_count = c.favorite_count + 1,
                                  trend_score = trend_after(c.trend_score, 5, now())
        WHERE c.gig_id = NEW.favorited_id;
    ELSIF TG_OP = 'DELETE' AND OLD.favorited_type = 'gig' THEN
        UPDATE gig_counters c SET favorite_count = c.favorite_count - 1 WHERE c.gig_id = OLD.favorited_id;
    END IF;
    RETURN NULL;
END $$;

-- Rows are locked in the order of their keys: of two that count the same ones, neither waits for the other in turn.
CREATE OR REPLACE FUNCTION count_views(
    p_types text[], p_ids uuid[], p_viewers uuid[], p_ips inet[], p_agents text[],
    p_referrers text[], p_at timestamptz[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO view_events (entity_type, entity_id, viewer_id, ip, user_agent, referrer, viewed_at)
    SELECT * FROM unnest(p_types, p_ids, p_viewers, p_ips, p_agents, p_referrers, p_at);
    PERFORM FROM gig_counters c WHERE c.gig_id = ANY (p_ids) ORDER BY c.gig_id FOR NO KEY UPDATE;
    UPDATE gig_counters c SET view_count = c.view_count + v.n,
                              trend_score = trend_after(c.trend_score, v.n, v.newest)
    FROM (
        SELECT i.id, count(*) AS n, max(i.at) AS newest FROM unnest(p_types, p_ids, p_at) i(type, id, at)
        WHERE i.type = 'gig' GROUP BY i.id
    ) v WHERE c.gig_id = v.id;
    PERFORM FROM job_counters c WHERE c.job_id = ANY (p_ids) ORDER BY c.job_id FOR NO KEY UPDATE;
    UPDATE job_counters c SET view_count = c.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'job' GROUP BY i.id
    ) v WHERE c.job_id = v.id;
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

-- As 0004 has it, and for the rows beside listings, which have the listing's key in a column of another name.
CREATE OR REPLACE FUNCTION tell_copies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_row record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    v_kind text := TG_TABLE_NAME;
    v_key uuid;
BEGIN
    CASE TG_ARGV[0]
        WHEN 'user_id' THEN v_key := v_row.user_id;
        WHEN 'gig_id' THEN v_key := v_row.gig_id; v_kind := 'gigs';
        WHEN 'job_id' THEN v_key := v_row.job_id; v_kind := 'jobs';
        ELSE v_key := v_row.id;
    END CASE;
    INSERT INTO outbox (consumer, kind, data) VALUES ('copies', v_kind, jsonb_build_object('key', v_key));
    RETURN NULL;
END $$;

DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY[
        'keep_gig_counters', 'keep_job_counters', 'carry_gig_counters', 'carry_job_counters',
        'count_proposal', 'count_favorite', 'tell_copies'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
