-- The login of servers: it owns nothing, inherits nothing, and acts as parley_service from the start.

-- name: create
-- Statements that make the roles that rights are given to, and the login ($1), unless they are there; its
-- password is given as a verifier ($2).
SELECT format('CREATE ROLE %I NOLOGIN', r.name) AS statement
FROM unnest(ARRAY['parley_app', 'parley_service', 'parley_readonly']) AS r(name)
WHERE NOT EXISTS (SELECT FROM pg_roles p WHERE p.rolname = r.name)
UNION ALL
SELECT format('CREATE ROLE %I LOGIN NOINHERIT PASSWORD %L', $1::text, $2::text)
WHERE NOT EXISTS (SELECT FROM pg_roles p WHERE p.rolname = $1);

-- name: adjust
-- Statements that let a login ($1) act as the two roles and inherit neither, and as the service unless it
-- says otherwise. PostgreSQL before 16 knows inheriting as an attribute of the member only.
WITH login AS (
    SELECT r.oid, r.rolinherit, current_setting('server_version_num')::integer >= 160000 AS by_grant
    FROM pg_roles r WHERE r.rolname = $1
)
SELECT format('ALTER ROLE %I NOINHERIT', $1::text) AS statement
FROM login l WHERE l.rolinherit AND NOT l.by_grant
UNION ALL
SELECT format('GRANT %I TO %I%s', r.rolname, $1::text,
              CASE WHEN l.by_grant THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END)
FROM login l
JOIN pg_roles r ON r.rolname IN ('parley_app', 'parley_service')
WHERE NOT EXISTS (
          SELECT FROM pg_auth_members m
          WHERE m.roleid = r.oid AND m.member = l.oid
                AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
   OR EXISTS (
          SELECT FROM pg_auth_members m
          WHERE m.roleid = r.oid AND m.member = l.oid AND (to_jsonb(m) ->> 'inherit_option')::boolean)
UNION ALL
SELECT format('ALTER ROLE %I SET role = %L', $1::text, 'parley_service')
FROM login l
WHERE NOT EXISTS (
    SELECT FROM pg_db_role_setting s
    WHERE s.setrole = l.oid AND s.setdatabase = 0 AND 'role=parley_service' = ANY (s.setconfig));

-- name: set_password
-- The statement that gives a login ($1) a password, as a verifier ($2).
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text) AS statement;

-- name: rights
-- What a login ($1) may do, NULL being the session's own: `beyond` is what it has and a server does not
-- need; `serves` is whether this session has the rights of the service.
WITH login AS (
    SELECT r.* FROM pg_roles r WHERE r.rolname = coalesce($1::text, session_user::text)
), ours AS (
    SELECT c.oid, c.relowner, c.relacl FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace
)
SELECT l.rolname::text AS login,
       coalesce(pg_has_role(to_regrole('parley_service'), 'USAGE'), false) AS serves,
       array_remove(ARRAY[
           CASE WHEN l.rolsuper THEN 'superuser' END,
           CASE WHEN l.rolcreaterole THEN 'createrole' END,
           CASE WHEN l.rolcreatedb THEN 'createdb' END,
           CASE WHEN l.rolreplication THEN 'replication' END,
           CASE WHEN l.rolbypassrls THEN 'bypassrls' END,
           CASE WHEN EXISTS (SELECT FROM ours o WHERE pg_has_role(l.oid, o.relowner, 'MEMBER'))
                     OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database()
                                AND pg_has_role(l.oid, d.datdba, 'MEMBER')) THEN 'owner' END,
           CASE WHEN EXISTS (SELECT FROM ours o, aclexplode(o.relacl) a
                             WHERE a.grantee = l.oid AND o.relowner <> l.oid) THEN 'grants' END,
           CASE WHEN EXISTS (SELECT FROM pg_auth_members m WHERE m.member = l.oid
                             AND m.roleid <> ALL (ARRAY[to_regrole('parley_app'),
                                                        to_regrole('parley_service')]::oid[]))
                THEN 'other roles' END,
           CASE WHEN EXISTS (SELECT FROM pg_auth_members m WHERE m.member = l.oid
                             AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, l.rolinherit))
                THEN 'inherits' END
       ], NULL) AS beyond
FROM login l;
