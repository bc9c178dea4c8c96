-- Message ids: version 7 (RFC 9562), made from created_at, so that an id tells its partition on every
-- PostgreSQL; their last 32 bits are the message's seq, so that an id needs no index of its own.

CREATE FUNCTION uuid7_at(p_created_at timestamptz, p_seq bigint) RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT overlay(
        overlay(
            replace(gen_random_uuid()::text, '-', '')
            PLACING lpad(to_hex((date_part('epoch', p_created_at) * 1000)::bigint), 12, '0') || '7' FROM 1
        )
        PLACING lpad(to_hex(p_seq), 8, '0') FROM 25
    )::uuid
$$;

CREATE FUNCTION uuid7_time(p_id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_timestamp(
        ('x' || substr(replace(p_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
$$;

CREATE FUNCTION uuid7_seq(p_id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || right(p_id::text, 8))::bit(32)::bigint
$$;
