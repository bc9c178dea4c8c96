-- Whether a row was changed by a transaction that a snapshot does not see. The xmin of a row has 32 bits: it is
-- taken for the newest number that ends so, hence the answer is for rows changed lately only.
CREATE FUNCTION is_changed_since(p_xmin xid, p_snapshot pg_snapshot) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NOT pg_visible_in_snapshot(
        (t.top - ((t.top - p_xmin::text::bigint) & 4294967295))::text::xid8, p_snapshot)
    FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS top) t
$$;
