-- What holds of grants, policies and triggers by PostgreSQL's catalogue; the declarations say what is to. Where a
-- query takes a table, null is all of them.

-- name: tables
-- A table or view ($1), whether they are the login's, their row security, and the names of their columns, but
-- for those that are derived from others: generated ones, and what search keeps.
SELECT c.relname::text AS table_name, pg_has_role(c.relowner, 'MEMBER') AS is_owned,
       c.relrowsecurity AS row_security,
       array_agg(a.attname::text ORDER BY a.attnum) FILTER (
           WHERE a.attgenerated = '' AND a.atttypid <> 'tsvector'::regtype
       ) AS columns
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v')
      AND NOT c.relispartition AND ($1::text IS NULL OR c.relname = $1)
GROUP BY c.oid

-- name: policies
-- Policies of a table ($2) as PostgreSQL words them: of the session's temporary tables ($1), or else of the schema's.
SELECT c.relname::text AS table_name, p.polname::text AS name,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
            WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
       p.polpermissive AS is_permissive,
       ARRAY(SELECT pg_get_userbyid(role)::text FROM unnest(p.polroles) role ORDER BY 1) AS roles,
       coalesce(pg_get_expr(p.polqual, p.polrelid), '') AS using,
       coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') AS check
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace
      = CASE WHEN $1 THEN pg_my_temp_schema() ELSE current_schema()::regnamespace::oid END
      AND ($2::text IS NULL OR c.relname = $2)

-- name: grants
-- What these roles ($1) may do with a table ($2): by column, and without one with the whole table.
SELECT c.relname::text AS table_name, pg_get_userbyid(g.grantee)::text AS role,
       g.privilege_type AS privilege, g.column_name
FROM pg_class c
CROSS JOIN LATERAL (
    SELECT x.grantee, x.privilege_type, '' AS column_name FROM aclexplode(c.relacl) x
    UNION ALL
    SELECT x.grantee, x.privilege_type, a.attname::text
    FROM pg_attribute a, aclexplode(a.attacl) x
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) g
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v')
      AND NOT c.relispartition AND pg_get_userbyid(g.grantee) = ANY ($1::text[])
      AND ($2::text IS NULL OR c.relname = $2)

-- name: triggers
-- Triggers of a table ($2) that call these functions ($1), and which of them let no change pass by. One without columns
-- is for all of them, though for those that it writes itself it need not be.
SELECT c.relname::text AS table_name, t.tgname::text AS name, f.proname::text AS function,
       t.tgqual IS NULL AND t.tgenabled IN ('O', 'A') AS is_whole,
       array_remove(ARRAY[
           CASE WHEN t.tgtype & 4 <> 0 THEN 'INSERT' END,
           CASE WHEN t.tgtype & 8 <> 0 THEN 'DELETE' END,
           CASE WHEN t.tgtype & 16 <> 0 THEN 'UPDATE' END
       ], NULL) AS events,
       ARRAY(
           SELECT a.attname::text FROM pg_attribute a
           WHERE a.attrelid = c.oid AND t.tgtype & 16 <> 0
                 AND CASE WHEN cardinality(t.tgattr::int2[]) > 0
                          THEN a.attnum = ANY (t.tgattr::int2[])
                          ELSE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                               AND a.atttypid <> 'tsvector'::regtype
                               AND a.attname NOT IN ('updated_at', 'version') END
       ) AS columns,
       CASE t.tgnargs WHEN 0 THEN ''
            ELSE split_part(encode(t.tgargs, 'escape'), '\000', 1) END AS argument
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc f ON f.oid = t.tgfoid
WHERE c.relnamespace = current_schema()::regnamespace AND f.pronamespace = c.relnamespace
      AND f.proname = ANY ($1::text[]) AND NOT t.tgisinternal AND t.tgparentid = 0
      AND ($2::text IS NULL OR c.relname = $2)
ORDER BY t.tgname

-- name: has_transitions
-- Whether the guard's table is there.
SELECT to_regclass('status_transitions') IS NOT NULL

-- name: transitions
-- Which states of a table ($1) the guard lets follow which.
SELECT table_name, from_status, to_status FROM status_transitions
WHERE $1::text IS NULL OR table_name = $1
