-- Takes back what 0040 made.
DROP FUNCTION notification_subjects(text[], uuid[]);
