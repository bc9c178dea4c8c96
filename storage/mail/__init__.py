"""E-mail: composed, signed, sent by SMTP or kept as files, and what becomes of addresses."""
