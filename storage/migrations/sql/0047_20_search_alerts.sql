-- What has appeared since a saved search was looked at last is found by when it was published.
CREATE INDEX gigs_published ON gigs (published_at) WHERE status = 'active';
CREATE INDEX jobs_published ON jobs (published_at) WHERE status = 'open';
-- Saved searches to look at, those that were looked at longest ago first. Nothing has read the index before it.
DROP INDEX saved_searches_alerting;
CREATE INDEX saved_searches_due
    ON saved_searches (search_type, alert_frequency, coalesce(alerted_at, created_at), id) WHERE alert_enabled;
