-- Exports that wait for accounting, and the numbers that were ever given to one.
-- body is a JSON object; a number belongs to its record for ever.

CREATE TABLE approvals (
    company INTEGER NOT NULL REFERENCES companies (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (company, kind, key)
) WITHOUT ROWID;

CREATE TABLE claims (
    company INTEGER NOT NULL REFERENCES companies (id),
    space TEXT NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (company, space, number)
) WITHOUT ROWID;
