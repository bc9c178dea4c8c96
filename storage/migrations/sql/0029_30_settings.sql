-- Settings that nothing goes by: reminders are told 48 and 24 hours before, and of reviews there is one window.
DELETE FROM platform_settings WHERE key IN ('milestone_reminder_days', 'review_publication_days');
