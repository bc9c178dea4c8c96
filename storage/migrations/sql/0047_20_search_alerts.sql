-- What has appeared since a saved search was looked at last is found by when it was published.
CREATE INDEX gigs_published ON gigs (published_at) WHERE status = 'active';
CREATE INDEX jobs_published ON jobs (published_at) WHERE status = 'open';
