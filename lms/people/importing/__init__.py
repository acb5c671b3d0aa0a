"""People from a spreadsheet: read it, name its columns, check every row, commit all at once."""
