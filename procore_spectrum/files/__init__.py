"""Files that people exchange: schedules of values that come in, reports that go out."""
