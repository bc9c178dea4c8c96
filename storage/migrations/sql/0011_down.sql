-- Takes back what 0011 made. Fails where two accounts have one email by now, which it was not unique for:
-- change one of them first.
DROP TRIGGER user_private_spelled_anew ON user_private;
DROP TRIGGER user_private_spelled ON user_private;
DROP FUNCTION spell_email();
DROP FUNCTION plain_email(text);
DROP INDEX user_private_email_key;
ALTER TABLE user_private ADD CONSTRAINT user_private_email_key UNIQUE (email);
DROP INDEX user_private_without_canonical;
DROP INDEX user_private_email_idx;
CREATE OR REPLACE TRIGGER user_private_touch BEFORE UPDATE ON user_private
    FOR EACH ROW WHEN (OLD.login_count = NEW.login_count) EXECUTE FUNCTION touch_row();
CREATE OR REPLACE TRIGGER user_private_audited AFTER INSERT OR DELETE OR UPDATE OF
    email, first_name, last_name, phone_encrypted, wechat_id_encrypted, deleted_at ON user_private
    FOR EACH ROW EXECUTE FUNCTION audit_row(
        'user_id', 'email', 'first_name', 'last_name', 'phone_encrypted', 'phone_index', 'wechat_id_encrypted',
        'wechat_id_index', 'github_username', 'provider_ids', 'preferences', 'profile_data');
ALTER TABLE user_private DROP COLUMN email_canonical;
DROP FUNCTION backfill_login_networks(integer);
DELETE FROM backfills WHERE name = 'login_networks';
DROP TABLE login_networks;
