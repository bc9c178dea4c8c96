-- From here on whoever writes listings waits: for what has changed since they were read, and no longer.
CREATE TRIGGER gigs_counters_kept AFTER INSERT OR UPDATE OF status ON gigs
    FOR EACH ROW EXECUTE FUNCTION keep_gig_counters();
CREATE TRIGGER jobs_counters_kept AFTER INSERT OR UPDATE OF status ON jobs
    FOR EACH ROW EXECUTE FUNCTION keep_job_counters();
CREATE TRIGGER gigs_counters_carried
    AFTER UPDATE OF view_count, order_count, favorite_count, trend_score ON gigs
    FOR EACH ROW EXECUTE FUNCTION carry_gig_counters();
CREATE TRIGGER jobs_counters_carried AFTER UPDATE OF view_count, proposal_count ON jobs
    FOR EACH ROW EXECUTE FUNCTION carry_job_counters();

INSERT INTO gig_counters AS c (gig_id, status, view_count, order_count, favorite_count, trend_score)
SELECT g.id, g.status, g.view_count, g.order_count, g.favorite_count, g.trend_score
FROM gigs g LEFT JOIN gig_counters c ON c.gig_id = g.id
WHERE (g.status, g.view_count, g.order_count, g.favorite_count, g.trend_score)
      IS DISTINCT FROM (c.status, c.view_count, c.order_count, c.favorite_count, c.trend_score)
ON CONFLICT (gig_id) DO UPDATE
SET status = EXCLUDED.status, view_count = EXCLUDED.view_count, order_count = EXCLUDED.order_count,
    favorite_count = EXCLUDED.favorite_count, trend_score = EXCLUDED.trend_score;
INSERT INTO job_counters AS c (job_id, status, view_count, proposal_count)
SELECT j.id, j.status, j.view_count, j.proposal_count
FROM jobs j LEFT JOIN job_counters c ON c.job_id = j.id
WHERE (j.status, j.view_count, j.proposal_count) IS DISTINCT FROM (c.status, c.view_count, c.proposal_count)
ON CONFLICT (job_id) DO UPDATE
SET status = EXCLUDED.status, view_count = EXCLUDED.view_count, proposal_count = EXCLUDED.proposal_count;

-- Listings that have gone since they were read.
DELETE FROM gig_counters c WHERE NOT EXISTS (SELECT FROM gigs g WHERE g.id = c.gig_id);
DELETE FROM job_counters c WHERE NOT EXISTS (SELECT FROM jobs j WHERE j.id = c.job_id);
ALTER TABLE gig_counters ADD CONSTRAINT gig_counters_gig_id_fkey
    FOREIGN KEY (gig_id) REFERENCES gigs ON DELETE CASCADE;
ALTER TABLE job_counters ADD CONSTRAINT job_counters_job_id_fkey
    FOREIGN KEY (job_id) REFERENCES jobs ON DELETE CASCADE;

-- Lists that need no counter do not read them: a join to at most one row goes where nothing is read of it.
CREATE OR REPLACE VIEW gigs_unveiled AS
SELECT g.id, g.freelancer_id, g.slug, g.category_id, g.subcategory_id, g.video_type, g.tags, g.currency,
       g.starting_price, c.order_count, g.rating, g.is_featured, g.status, g.created_at, c.trend_score,
       c.gig_id AS counted_id, c.status AS counted_status
FROM gigs g LEFT JOIN gig_counters c ON c.gig_id = g.id;
