-- Takes back what 0035 made.
DELETE FROM platform_settings WHERE key = 'review_least_amount';
CREATE OR REPLACE FUNCTION app_member_contracts() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(m.contract_id), '{}') FROM contract_members m
    WHERE m.user_id = app_user() AND m.status IN ('invited', 'accepted')
$$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION app_member_contracts() SET search_path = %s, pg_temp', v_path);
END $$;
ALTER POLICY disputes_read ON disputes USING (
    client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
    OR freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) OR (SELECT app_is_staff()));
ALTER POLICY contract_members_read ON contract_members USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
DROP FUNCTION app_team_contracts();
ALTER TABLE contract_members DROP COLUMN contract_scope, DROP COLUMN contract_title;
CREATE OR REPLACE FUNCTION workflow_write(p_steps jsonb, p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_step jsonb;
    v_table text;
    v_columns text;
    v_rows jsonb;
    v_row record;
    v_versions jsonb;
BEGIN
    FOR v_step IN SELECT s.value FROM jsonb_array_elements(p_steps) WITH ORDINALITY s ORDER BY s.ordinality LOOP
        v_table := v_step ->> 'table';
        CASE v_step ->> 'do'
        WHEN 'insert' THEN
            -- One row, or several of the same columns.
            v_rows := coalesce(v_step -> 'rows', jsonb_build_array(v_step -> 'row'));
            SELECT string_agg(quote_ident(k), ', ') INTO v_columns FROM jsonb_object_keys(v_rows -> 0) k;
            EXECUTE format(
                'INSERT INTO %1$I (%2$s) SELECT %2$s FROM jsonb_populate_recordset(NULL::%1$I, $1)',
                v_table, v_columns)
            USING v_rows;
        WHEN 'update' THEN
            SELECT string_agg(quote_ident(k), ', ') INTO v_columns FROM jsonb_object_keys(v_step -> 'set') k;
            EXECUTE format(
                'UPDATE %1$I t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)) WHERE t.%3$I = $2',
                v_table, v_columns, coalesce(v_step ->> 'key', 'id'))
            USING v_step -> 'set', (v_step ->> 'id')::uuid;
        WHEN 'add' THEN
            SELECT string_agg(format('%1$I = coalesce(t.%1$I, 0) + %2$s', k.key, (k.value)::numeric), ', ')
            INTO v_columns FROM jsonb_each_text(v_step -> 'by') k;
            EXECUTE format('UPDATE %I t SET %s WHERE t.%I = $1', v_table, v_columns, coalesce(v_step ->> 'key', 'id'))
            USING (v_step ->> 'id')::uuid;
        WHEN 'delete' THEN
            EXECUTE format('DELETE FROM %1$I t WHERE to_jsonb(t) @> $1 AND t.%2$I = $2', v_table,
                           coalesce(v_step ->> 'key', 'id'))
            USING coalesce(v_step -> 'where', '{}'), (v_step ->> 'id')::uuid;
        WHEN 'timers' THEN
            -- A timer that started at the same time is the same one: a setting that was shortened meanwhile, or
            -- another state, moves it no nearer, and what was told of it stays told.
            DELETE FROM timers t
            WHERE t.machine = v_step ->> 'machine' AND t.entity_id = (v_step ->> 'id')::uuid AND NOT EXISTS (
                SELECT FROM jsonb_to_recordset(v_step -> 'dues') AS d (
                    action text, start timestamptz, setting text, reminds boolean)
                WHERE d.action = t.action AND d.start = t.start AND d.setting IS NOT DISTINCT FROM t.setting
                  AND d.reminds = t.reminds);
            INSERT INTO timers (machine, entity_id, action, kind, number, state, start, seconds, setting, reminds,
                                moves_money)
            SELECT v_step ->> 'machine', (v_step ->> 'id')::uuid, d.action, k.kind, k.number, d.state, d.start,
                   coalesce(d.seconds, extract(epoch FROM setting_length(d.setting))), d.setting, d.reminds,
                   d.moves_money
            FROM jsonb_to_recordset(v_step -> 'dues') AS d (
                action text, state text, start timestamptz, seconds float8, setting text, reminds boolean,
                moves_money boolean)
            CROSS JOIN LATERAL (
                SELECT 'transition' AS kind, 0 AS number
                UNION ALL SELECT 'reminder', n FROM generate_series(1, 2) n WHERE d.reminds
            ) k
            ON CONFLICT (machine, entity_id, action, kind, number) DO UPDATE SET
                state = EXCLUDED.state, attempts = 0, next_attempt_at = NULL, parked_at = NULL, last_error = NULL;
        WHEN 'freeze' THEN
            -- What is left of each timer is kept on the row itself, which `thaw` starts again.
            EXECUTE format(
                'UPDATE %I t SET timers_left = (SELECT coalesce(jsonb_agg(jsonb_build_object('
                '   ''action'', m.action, ''state'', m.state, ''reminds'', m.reminds,'
                '   ''moves_money'', m.moves_money, ''seconds'', greatest(0, extract(epoch FROM m.start'
                '   + greatest(make_interval(secs => m.seconds), setting_length(m.setting)) - $3)))), ''[]'')'
                '   FROM timers m WHERE m.machine = $1 AND m.entity_id = $2 AND m.kind = ''transition'')'
                ' WHERE t.id = $2', v_table)
            USING v_step ->> 'machine', (v_step ->> 'id')::uuid, p_now;
            DELETE FROM timers t WHERE t.machine = v_step ->> 'machine' AND t.entity_id = (v_step ->> 'id')::uuid;
        WHEN 'thaw' THEN
            EXECUTE format(
                'INSERT INTO timers (machine, entity_id, action, kind, number, state, start, seconds, reminds, moves_money)'
                ' SELECT $1, t.id, d.action, k.kind, k.number, d.state, $3, d.seconds, d.reminds, d.moves_money'
                ' FROM %1$I t CROSS JOIN LATERAL jsonb_to_recordset(coalesce(t.timers_left, ''[]'')) AS d ('
                '   action text, state text, seconds float8, reminds boolean, moves_money boolean)'
                ' CROSS JOIN LATERAL (SELECT ''transition'' AS kind, 0 AS number'
                '   UNION ALL SELECT ''reminder'', n FROM generate_series(1, 2) n WHERE d.reminds) k'
                ' WHERE t.id = $2', v_table)
            USING v_step ->> 'machine', (v_step ->> 'id')::uuid, p_now;
            EXECUTE format('UPDATE %I t SET timers_left = NULL WHERE t.id = $1', v_table)
            USING (v_step ->> 'id')::uuid;
        WHEN 'events' THEN
            v_versions := '{}';
            FOR v_row IN
                SELECT e ->> 'table' AS of, array_agg((e ->> 'id')::uuid) AS ids
                FROM jsonb_array_elements(v_step -> 'events') e GROUP BY 1
            LOOP
                EXECUTE format('SELECT jsonb_object_agg(t.id, t.version) FROM %I t WHERE t.id = ANY ($1)', v_row.of)
                INTO v_rows USING v_row.ids;
                v_versions := v_versions || coalesce(v_rows, '{}');
            END LOOP;
            PERFORM workflow_tell((
                SELECT jsonb_agg(e.value - 'table' || jsonb_build_object('version', v_versions -> (e.value ->> 'id'))
                                 ORDER BY e.ordinality)
                FROM jsonb_array_elements(v_step -> 'events') WITH ORDINALITY e
            ));
        WHEN 'enqueue' THEN
            INSERT INTO outbox (consumer, kind, data)
            VALUES (v_step ->> 'consumer', v_step ->> 'kind', v_step -> 'data');
        WHEN 'converse' THEN
            PERFORM workflow_conversation(
                (v_step ->> 'id')::uuid, (v_step ->> 'contract_id')::uuid, (v_step ->> 'job_id')::uuid,
                (v_step ->> 'client_id')::uuid, (v_step ->> 'freelancer_id')::uuid, v_step ->> 'title');
        WHEN 'join' THEN
            PERFORM workflow_join((v_step ->> 'conversation_id')::uuid, (v_step ->> 'user_id')::uuid);
        WHEN 'say' THEN
            PERFORM workflow_say(
                (v_step ->> 'conversation_id')::uuid, (v_step ->> 'actor_id')::uuid, v_step -> 'system');
        END CASE;
    END LOOP;
END $$;
DROP FUNCTION workflow_leave(uuid, uuid);
CREATE OR REPLACE FUNCTION judge_owner(p_conversation uuid, p_user uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_role text;
BEGIN
    SELECT p.role INTO v_role FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    RETURN CASE WHEN v_role IS NULL THEN 'not_found' WHEN v_role <> 'owner' THEN 'forbidden' ELSE 'ok' END;
END $$;
CREATE OR REPLACE FUNCTION leave_conversation(p_conversation uuid, p_user uuid, p_lock_timeout_ms integer)
RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_type text;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    SELECT c.type INTO v_type
    FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id
    WHERE c.id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    IF v_type IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    IF v_type = 'direct' THEN
        RETURN ROW('forbidden', NULL, NULL)::change_result;
    END IF;
    RETURN part_with_member(p_conversation, p_user);
END $$;
DROP FUNCTION is_room_of_contract(uuid);
