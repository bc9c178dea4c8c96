-- Since when nothing is known to name the file; NULL once something was seen to. Files of before are looked
-- at by the first sweep. The default is constant for them, so that no row is written.
ALTER TABLE files ADD COLUMN IF NOT EXISTS unnamed_since timestamptz DEFAULT '-infinity';
ALTER TABLE files ADD COLUMN IF NOT EXISTS thumbnail_bytes integer;
CREATE INDEX CONCURRENTLY IF NOT EXISTS files_unnamed ON files (unnamed_since) WHERE unnamed_since IS NOT NULL;

-- The columns that name files.
CREATE INDEX CONCURRENTLY IF NOT EXISTS contract_answers_files ON contract_answers USING gin (file_ids)
    WHERE file_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS data_requests_result_file ON data_requests (result_file_id)
    WHERE result_file_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deliverables_files ON deliverables USING gin (file_ids)
    WHERE file_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputes_files ON disputes USING gin (evidence_file_ids)
    WHERE evidence_file_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS identity_verifications_files
    ON identity_verifications USING gin (document_file_ids) WHERE document_file_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_files ON jobs USING gin (attachment_ids) WHERE attachment_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS portfolio_items_files ON portfolio_items USING gin (file_ids)
    WHERE file_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS proposals_files ON proposals USING gin (attachment_ids)
    WHERE attachment_ids <> '{}';
CREATE INDEX CONCURRENTLY IF NOT EXISTS support_tickets_files ON support_tickets USING gin (attachment_ids)
    WHERE attachment_ids <> '{}';
