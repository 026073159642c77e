"""The `zaojie` commands by subject; `cli.py` puts them together."""
