-- What there is of the tables whose partitions are made ahead, and what a new one is to be like.

-- name: parents
-- Those of the tables named that there are: the owner, as an identifier, and whether we may act as him.
SELECT c.relname::text AS name, quote_ident(r.rolname) AS owner, r.rolname = current_user AS is_owner,
       pg_has_role(c.relowner, 'MEMBER') AS may_act, now() AS now
FROM pg_class c
JOIN pg_roles r ON r.oid = c.relowner
WHERE c.oid = ANY (ARRAY(SELECT to_regclass(t)::oid FROM unnest($1::text[]) t)) AND c.relkind = 'p';

-- name: partitions
-- The partitions of the tables named; one that is half detached takes no rows any more.
SELECT p.relname::text AS parent, c.relname::text AS name, i.inhdetachpending AS is_pending
FROM pg_inherits i
JOIN pg_class p ON p.oid = i.inhparent
JOIN pg_class c ON c.oid = i.inhrelid
WHERE p.oid = ANY (ARRAY(SELECT to_regclass(t)::oid FROM unnest($1::text[]) t));

-- name: loose
-- Tables beside the ones named that are called like their partitions and are not.
SELECT p.relname::text AS parent, c.relname::text AS name
FROM pg_class p
JOIN pg_class c ON c.relnamespace = p.relnamespace
               AND c.relname ~ ('^' || p.relname || '_[0-9]{4}_[0-9]{2}$')
WHERE p.oid = ANY (ARRAY(SELECT to_regclass(t)::oid FROM unnest($1::text[]) t))
  AND c.relkind = 'r' AND NOT c.relispartition;

-- name: try_upkeep
-- One process at a time; the lock is the connection's. The version before takes the same one.
SELECT pg_try_advisory_lock(hashtext('parley.maintain_partitions'));

-- name: options
-- The storage options of a table's newest partition, as they stand in WITH; NULL when it has none.
SELECT (
    SELECT string_agg(o.prefix || quote_ident(split_part(o.setting, '=', 1)) || '='
                      || quote_literal(substr(o.setting, strpos(o.setting, '=') + 1)), ', ')
    FROM (
        SELECT '' AS prefix, unnest(c.reloptions) AS setting
        UNION ALL
        SELECT 'toast.', unnest(t.reloptions) FROM pg_class t WHERE t.oid = c.reltoastrelid
    ) o)
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass($1) AND NOT i.inhdetachpending
ORDER BY c.relname DESC
LIMIT 1;

-- name: rights
-- Statements that give a table ($2) the grants and row security of the newest partition of $1.
WITH sample AS (
    SELECT c.relacl, c.relowner, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass($1) AND NOT i.inhdetachpending
    ORDER BY c.relname DESC
    LIMIT 1
), made AS (
    SELECT c.relname, c.relacl, c.relowner, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_class c WHERE c.oid = to_regclass($2)
), wanted AS (
    SELECT a.grantee, a.privilege_type, a.is_grantable
    FROM sample s, aclexplode(coalesce(s.relacl, acldefault('r', s.relowner))) a
), given AS (
    SELECT a.grantee, a.privilege_type, a.is_grantable
    FROM made m, aclexplode(coalesce(m.relacl, acldefault('r', m.relowner))) a
)
SELECT format('REVOKE %s ON %I FROM %s', r.privilege_type, m.relname,
              CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END) AS statement
FROM made m, sample, (TABLE given EXCEPT TABLE wanted) r
UNION ALL
SELECT format('GRANT %s ON %I TO %s%s', r.privilege_type, m.relname,
              CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END,
              CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM made m, (TABLE wanted EXCEPT TABLE given) r
UNION ALL
SELECT format('ALTER TABLE %I %s ROW LEVEL SECURITY', m.relname,
              CASE WHEN s.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END)
FROM made m, sample s WHERE s.relrowsecurity <> m.relrowsecurity
UNION ALL
SELECT format('ALTER TABLE %I %s ROW LEVEL SECURITY', m.relname,
              CASE WHEN s.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)
FROM made m, sample s WHERE s.relforcerowsecurity <> m.relforcerowsecurity;
