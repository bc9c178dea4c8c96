-- Takes back what 0047 made. Notifications of announcements go with their words.
DELETE FROM schedules WHERE name IN ('announcements', 'search_alerts', 'retention');
DROP INDEX gigs_published, jobs_published, saved_searches_due;
CREATE INDEX saved_searches_alerting ON saved_searches (alert_frequency, alerted_at) WHERE alert_enabled;
DELETE FROM notifications WHERE type = 'announcement';
DROP FUNCTION announced_to(jsonb, timestamptz, uuid, integer);
DROP TABLE announcements;
