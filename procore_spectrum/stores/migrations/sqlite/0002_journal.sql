-- The journal: a chain of lines for each company, and where each chain ends.

CREATE TABLE events (
    company INTEGER NOT NULL REFERENCES companies (id),
    sequence INTEGER NOT NULL,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT,
    key TEXT,
    op_id TEXT,
    plan_id TEXT,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (company, sequence)
) WITHOUT ROWID;

CREATE TABLE journal_ends (
    company INTEGER PRIMARY KEY REFERENCES companies (id),
    sequence INTEGER NOT NULL,
    digest TEXT NOT NULL
);

-- A guard against slips. Whoever removes it on purpose is still found out by the chain.
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'journal lines are never changed');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'journal lines are never deleted');
END;
