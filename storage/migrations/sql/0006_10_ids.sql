-- The id that uuid7_at makes (version 7, RFC 9562: created_at's milliseconds, the seq at its end), by
-- arithmetic and without the system's random numbers, at a fifth of the cost: what tells the ids of
-- different conversations apart is a hash of the conversation's.
CREATE FUNCTION message_id(p_conversation_id uuid, p_seq bigint, p_created_at timestamptz) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (
        -- 48 bits of time, the version, 12 bits of the hash.
        lpad(to_hex((date_part('epoch', p_created_at) * 1000)::bigint << 16
                    | x'7000'::bigint | (uuid_hash_extended(p_conversation_id, 0) & x'fff'::bigint)), 16, '0')
        -- The variant, 30 bits of the hash, 32 of the seq.
        || to_hex(1::bigint << 63
                  | (uuid_hash_extended(p_conversation_id, 0) & x'3fffffff00000000'::bigint) | p_seq)
    )::uuid
$$;
