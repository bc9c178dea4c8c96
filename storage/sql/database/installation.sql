-- What a database has to have besides its tables: extensions, the roles that requests run as, their rights.

-- name: server
-- The version as a number and in words, the encoding, and who asks; which of these extensions ($1) the
-- server has not got, and which are there for a superuser alone to make.
SELECT current_setting('server_version_num')::integer / 10000 AS version,
       current_setting('server_version') AS version_text, current_database()::text AS database,
       pg_encoding_to_char(d.encoding)::text AS encoding, session_user::text AS login,
       ARRAY(SELECT e.name FROM unnest($1::text[]) AS e(name)
             WHERE NOT EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = e.name)) AS unavailable,
       ARRAY(SELECT e.name FROM unnest($1::text[]) AS e(name)
             WHERE NOT r.rolsuper
                   AND NOT EXISTS (SELECT FROM pg_extension x WHERE x.extname = e.name)
                   AND EXISTS (SELECT FROM pg_available_extensions a
                               JOIN pg_available_extension_versions v
                                   ON v.name = a.name AND v.version = a.default_version
                               WHERE a.name = e.name
                                     AND NOT (v.trusted AND has_database_privilege(d.oid, 'CREATE')))
            ) AS refused
FROM pg_database d, pg_roles r
WHERE d.datname = current_database() AND r.rolname = session_user;

-- name: identity
-- The cluster, also of its standbys and copies, and the database in it.
SELECT c.system_identifier, d.oid
FROM pg_control_system() c, pg_database d
WHERE d.datname = current_database();

-- name: lacking
-- Which of these extensions ($1) the database lacks, which of these roles ($2) there are not, which the
-- session's login may not act as, and which may not read what they have to.
SELECT ARRAY(SELECT e.name FROM unnest($1::text[]) AS e(name)
             WHERE NOT EXISTS (SELECT FROM pg_extension x WHERE x.extname = e.name)) AS extensions,
       ARRAY(SELECT r.name FROM unnest($2::text[]) AS r(name)
             WHERE to_regrole(r.name) IS NULL) AS roles,
       ARRAY(SELECT r.name FROM unnest($2::text[]) AS r(name)
             WHERE NOT pg_has_role(
                 session_user, to_regrole(r.name)::oid,
                 -- Who has made a role is a member that may not act as it, since PostgreSQL 16.
                 CASE WHEN current_setting('server_version_num')::integer >= 160000
                      THEN 'SET' ELSE 'MEMBER' END)) AS refused,
       array_remove(ARRAY[
           CASE WHEN NOT has_table_privilege(to_regrole('parley_service')::oid,
                                             to_regclass('users')::oid, 'SELECT')
                THEN 'parley_service' END,
           CASE WHEN NOT has_any_column_privilege(to_regrole('parley_app')::oid,
                                                  to_regclass('gigs')::oid, 'SELECT')
                THEN 'parley_app' END
       ], NULL) AS without_rights,
       session_user::text AS login;

-- name: role_not_taken
-- The role that the session's login is set to take on and has not; no row when it has.
SELECT substr(c.setting, 6) AS role
FROM pg_roles r
JOIN pg_db_role_setting s ON s.setrole = r.oid
CROSS JOIN unnest(s.setconfig) AS c(setting)
WHERE r.rolname = session_user AND c.setting LIKE 'role=%' AND c.setting <> 'role=none'
      AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
      AND current_setting('role') = 'none'
LIMIT 1;

-- name: act
-- Statements that let the session's login act as these roles ($1), where it may not.
SELECT format('GRANT %I TO %I%s', r.rolname, session_user,
              CASE WHEN v.by_grant THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END) AS statement
FROM pg_roles r,
     (SELECT current_setting('server_version_num')::integer >= 160000) AS v(by_grant)
WHERE r.rolname = ANY ($1::text[])
      AND NOT pg_has_role(session_user, r.oid, CASE WHEN v.by_grant THEN 'SET' ELSE 'MEMBER' END);

-- name: embeddings
-- Statements that make pgvector and the table that needs it, where they are lacking and this login may. The
-- table is the one of step 0003, which leaves it out on a server without pgvector.
WITH pgvector AS (
    -- hnsw is of pgvector 0.5 and later.
    SELECT EXISTS (SELECT FROM pg_am a WHERE a.amname = 'hnsw') AS is_there,
           NOT EXISTS (SELECT FROM pg_extension x WHERE x.extname = 'vector') AND EXISTS (SELECT FROM pg_available_extensions a
                   JOIN pg_available_extension_versions v
                       ON v.name = a.name AND v.version = a.default_version
                   JOIN pg_roles r ON r.rolname = session_user
                   WHERE a.name = 'vector'
                         AND (r.rolsuper OR (v.trusted AND has_database_privilege(current_database(), 'CREATE')))
                         AND string_to_array(substring(v.version FROM '^\d+\.\d+'), '.')::integer[] >= '{0,5}'
           ) AS may_be_made
)
SELECT s.statement
FROM pgvector p, unnest(ARRAY[
    CASE WHEN NOT p.is_there THEN 'CREATE EXTENSION IF NOT EXISTS vector' END,
    CASE WHEN to_regclass('embeddings') IS NULL THEN
    'CREATE TABLE IF NOT EXISTS embeddings (
        entity_type text NOT NULL
            CHECK (entity_type IN (''job'', ''task'', ''profile'', ''gig'', ''repository'', ''resume'')),
        entity_id uuid NOT NULL,
        model text NOT NULL,
        embedding vector(768) NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (entity_type, entity_id, model)
    )' END,
    CASE WHEN to_regclass('embeddings_near') IS NULL THEN
    'CREATE INDEX IF NOT EXISTS embeddings_near ON embeddings USING hnsw (embedding vector_cosine_ops)' END,
    CASE WHEN to_regclass('embeddings') IS NULL THEN
    'GRANT SELECT, INSERT, UPDATE, DELETE ON embeddings TO parley_service' END
]) WITH ORDINALITY AS s(statement, place)
WHERE (p.is_there OR p.may_be_made) AND s.statement IS NOT NULL
      AND coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
ORDER BY s.place;

-- name: pgvector_left
-- What pgvector and its table wait for, where the server has got it: the version of the extension that is
-- made (null when none is), that which could be and whether it would serve, whether there is hnsw, and
-- whether the table is there.
SELECT a.installed_version, a.default_version,
       string_to_array(substring(a.default_version FROM '^\d+\.\d+'), '.')::integer[] >= '{0,5}' AS would_serve,
       EXISTS (SELECT FROM pg_am m WHERE m.amname = 'hnsw') AS has_hnsw,
       to_regclass('embeddings') IS NOT NULL AS has_table
FROM pg_available_extensions a WHERE a.name = 'vector';
