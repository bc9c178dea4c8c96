-- Files end: by their owner's wish, or when nothing has named them for a while. The rows go first, the bytes
-- after, out of file_removals, so that a crash between leaves nothing that nobody looks for.

-- files.unnamed_since (0012_05_ahead.sql) is the start of the transaction, hence never after created_at: what is
-- later says that a name was taken away.
ALTER TABLE files ALTER COLUMN unnamed_since SET DEFAULT now();

-- The bytes of a person's files and of the uploads under way. A row is made by the first change after this
-- step, with the sum of what there is.
CREATE TABLE file_usage (
    owner_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    bytes bigint NOT NULL
);

-- Uploads under way: what they may yet take of the quota, and the blobs of those that were broken off.
CREATE TABLE file_uploads (
    file_id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX file_uploads_of_owner ON file_uploads (owner_id);
CREATE INDEX file_uploads_oldest ON file_uploads (created_at);

-- Files whose rows are gone and whose bytes are to go.
CREATE TABLE file_removals (
    file_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX file_removals_due ON file_removals (due_at);

CREATE FUNCTION count_file_bytes() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_owner uuid := coalesce(NEW.owner_id, OLD.owner_id);
    v_bytes bigint := coalesce(NEW.bytes, 0) - coalesce(OLD.bytes, 0);
BEGIN
    UPDATE file_usage u SET bytes = u.bytes + v_bytes WHERE u.owner_id = v_owner;
    IF NOT FOUND THEN
        -- The sum has this change in it. Another's row that was made meanwhile may not: it is added to that.
        INSERT INTO file_usage (owner_id, bytes)
        SELECT v_owner, (SELECT coalesce(sum(f.bytes), 0) FROM files f WHERE f.owner_id = v_owner)
                      + (SELECT coalesce(sum(u.bytes), 0) FROM file_uploads u WHERE u.owner_id = v_owner)
        ON CONFLICT (owner_id) DO UPDATE SET bytes = file_usage.bytes + v_bytes;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER files_counted AFTER INSERT OR DELETE OR UPDATE OF bytes ON files
    FOR EACH ROW EXECUTE FUNCTION count_file_bytes();
CREATE TRIGGER file_uploads_counted AFTER INSERT OR DELETE OR UPDATE OF bytes ON file_uploads
    FOR EACH ROW EXECUTE FUNCTION count_file_bytes();

-- Takes of a person's quota for an upload: the bytes it may have, and what is used without it. A repetition
-- (its key was answered) takes nothing, since the file of then is answered.
CREATE FUNCTION begin_upload(
    p_file uuid, p_owner uuid, p_wanted bigint, p_quota bigint, p_key text,
    OUT granted bigint, OUT used bigint
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_is_repetition boolean := p_key IS NOT NULL AND EXISTS (
        SELECT FROM idempotency_keys k
        WHERE k.user_id = p_owner AND k.method = 'POST' AND k.path = '/v1/files' AND k.key = p_key
          AND k.created_at > now() - interval '24 hours');
BEGIN
    -- The row of usage is made if there is none, and locked: of uploads that begin at once, one counts after
    -- the other.
    INSERT INTO file_uploads (file_id, owner_id, bytes) VALUES (p_file, p_owner, 0);
    SELECT u.bytes INTO used FROM file_usage u WHERE u.owner_id = p_owner FOR UPDATE;
    IF v_is_repetition THEN
        granted := p_wanted;
        RETURN;
    END IF;
    granted := greatest(0, least(p_wanted, p_quota - used));
    UPDATE file_uploads u SET bytes = granted WHERE u.file_id = p_file;
END $$;

-- Ends an upload that failed, with a note to remove its bytes: true where they are to go, false where the file
-- is there, since whoever failed did not hear of the commit. Deleting the upload's row waits for a commit under
-- way, and without that row no file can come any more; what came is then seen, since each statement sees anew.
CREATE FUNCTION give_up_upload(p_file uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM file_uploads u WHERE u.file_id = p_file;
    IF EXISTS (SELECT FROM files f WHERE f.id = p_file) THEN
        RETURN false;
    END IF;
    INSERT INTO file_removals (file_id) VALUES (p_file) ON CONFLICT DO NOTHING;
    RETURN true;
END $$;
