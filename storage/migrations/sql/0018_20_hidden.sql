-- Who is suspended, or deleted and not yet erased, and so is not shown, nor what is theirs. A row here and not a
-- column of each of theirs: it is one small table that every policy can look into.
CREATE TABLE hidden_people (
    hidden_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE
);
GRANT SELECT (hidden_id) ON hidden_people TO parley_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON hidden_people TO parley_service;

-- Copies of what is theirs are told of in the same transaction; those of the user are by users_copied.
CREATE FUNCTION hide_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.status IN ('suspended', 'deleted') THEN
        INSERT INTO hidden_people (hidden_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM hidden_people h WHERE h.hidden_id = NEW.id;
    END IF;
    IF FOUND THEN
        INSERT INTO outbox (consumer, kind, data)
        SELECT 'copies', t.kind, jsonb_build_object('key', t.key)
        FROM (
            SELECT 'gigs' AS kind, g.id AS key FROM gigs g WHERE g.freelancer_id = NEW.id
            UNION ALL SELECT 'jobs', j.id FROM jobs j WHERE j.client_id = NEW.id
            UNION ALL SELECT 'freelancer_profiles', p.user_id FROM freelancer_profiles p WHERE p.user_id = NEW.id
            UNION ALL SELECT 'client_profiles', p.user_id FROM client_profiles p WHERE p.user_id = NEW.id
        ) t;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER users_hidden AFTER INSERT OR UPDATE OF status ON users
    FOR EACH ROW EXECUTE FUNCTION hide_person();

INSERT INTO hidden_people (hidden_id)
SELECT u.id FROM users u WHERE u.status IN ('suspended', 'deleted')
ON CONFLICT DO NOTHING;
INSERT INTO outbox (consumer, kind, data)
SELECT 'copies', t.kind, jsonb_build_object('key', t.key)
FROM hidden_people h CROSS JOIN LATERAL (
    SELECT 'gigs' AS kind, g.id AS key FROM gigs g WHERE g.freelancer_id = h.hidden_id
    UNION ALL SELECT 'jobs', j.id FROM jobs j WHERE j.client_id = h.hidden_id
    UNION ALL SELECT 'users', h.hidden_id
    UNION ALL SELECT 'freelancer_profiles', p.user_id FROM freelancer_profiles p WHERE p.user_id = h.hidden_id
    UNION ALL SELECT 'client_profiles', p.user_id FROM client_profiles p WHERE p.user_id = h.hidden_id
) t;
