-- Takes back 0012. Bytes that were still to be removed stay in the store.
DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['contract_answers', 'data_requests', 'deliverables', 'disputes',
        'identity_verifications', 'jobs', 'portfolio_items', 'proposals', 'support_tickets']
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', v_table || '_files_named', v_table);
        EXECUTE format('DROP TRIGGER %I ON %I', v_table || '_files_released', v_table);
    END LOOP;
END $$;
DROP TRIGGER message_attachments_released ON message_attachments;
DROP FUNCTION sweep_files(interval, integer);
DROP FUNCTION remove_file(uuid, uuid);
DROP FUNCTION name_files();
DROP FUNCTION release_files();
DROP FUNCTION file_ids_in(anyelement, text);
DROP FUNCTION is_file_shown(uuid);
DROP FUNCTION is_file_named(uuid);
DROP FUNCTION is_file_in_rows(uuid);
DROP INDEX contract_answers_files, data_requests_result_file, deliverables_files, disputes_files,
    identity_verifications_files, jobs_files, portfolio_items_files, proposals_files, support_tickets_files;
DROP FUNCTION give_up_upload(uuid);
DROP FUNCTION begin_upload(uuid, uuid, bigint, bigint, text);
DROP TRIGGER files_counted ON files;
DROP TABLE file_usage, file_uploads, file_removals;
DROP FUNCTION count_file_bytes();
ALTER TABLE files DROP COLUMN unnamed_since, DROP COLUMN thumbnail_bytes;
