-- Takes back what 0047 made. Notifications of announcements go with their words.
DELETE FROM schedules WHERE name IN ('announcements', 'search_alerts', 'retention');
DROP INDEX gigs_published, jobs_published;
DELETE FROM notifications WHERE type = 'announcement';
DROP FUNCTION announced_to(jsonb, timestamptz, uuid, integer);
DROP TABLE announcements;
