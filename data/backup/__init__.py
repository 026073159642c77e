"""Backups of a county and their way back: snapshot, sealed file, restore, and the move to another
database (docs/backup.md)."""
