"""Timers: due under the lock, once, after their reminders; parked, paused and moved."""
