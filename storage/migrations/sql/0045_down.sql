-- Takes back what 0045 made.
DROP FUNCTION note_mail_outcomes(bytea[], text[], bytea[], text[], timestamptz[], integer, interval, interval);
DROP TABLE mail_suppressions;
