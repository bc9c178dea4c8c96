-- What rows are found by, and by which fold the words of a page are kept.
ALTER TABLE gigs ADD COLUMN IF NOT EXISTS search_terms tsvector;
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS search_terms tsvector;
ALTER TABLE freelancer_profiles ADD COLUMN IF NOT EXISTS search_terms tsvector;
ALTER TABLE reviews ADD COLUMN IF NOT EXISTS search_terms tsvector;
ALTER TABLE skills ADD COLUMN IF NOT EXISTS search_terms tsvector;

-- Words by another fold than the present say nothing: such pages are read. 0 is the cut before there was a fold.
ALTER TABLE message_words ADD COLUMN IF NOT EXISTS fold smallint NOT NULL DEFAULT 0;

-- Of the rows that are there none has a place in them yet, so each is made by one quick look at the table.
CREATE INDEX CONCURRENTLY IF NOT EXISTS gigs_terms ON gigs USING gin (search_terms)
    WHERE status = 'active' AND search_terms IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_terms ON jobs USING gin (search_terms)
    WHERE status = 'open' AND search_terms IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS freelancer_profiles_terms ON freelancer_profiles USING gin (search_terms)
    WHERE search_terms IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS reviews_terms ON reviews USING gin (search_terms)
    WHERE status = 'published' AND search_terms IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS skills_name ON skills USING gin (name gin_trgm_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS skills_terms ON skills USING gin (search_terms) WHERE search_terms IS NOT NULL;
