-- Links, doubts, decisions and facts. Every row belongs to one pair of companies.
-- Times are ISO 8601 text in UTC; base, echo and fields are JSON objects of canonical values.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE companies (
    id INTEGER PRIMARY KEY,
    procore_company_id TEXT NOT NULL,
    spectrum_company_code TEXT NOT NULL,
    UNIQUE (procore_company_id, spectrum_company_code)
);

CREATE TABLE links (
    company INTEGER NOT NULL REFERENCES companies (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    scope_kind TEXT,
    scope_key TEXT,
    target_id TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    base TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    echo TEXT NOT NULL,
    PRIMARY KEY (company, kind, key)
) WITHOUT ROWID;

-- ordinal keeps operations of one instant in the order in which they were begun.
CREATE TABLE started (
    ordinal INTEGER PRIMARY KEY,
    company INTEGER NOT NULL REFERENCES companies (id),
    op_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('procore', 'spectrum')),
    verb TEXT NOT NULL,
    at TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    fields TEXT NOT NULL,
    scope_kind TEXT,
    scope_key TEXT,
    target_id TEXT,
    UNIQUE (company, op_id)
);

CREATE TABLE decisions (
    company INTEGER NOT NULL REFERENCES companies (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    choice TEXT NOT NULL CHECK (choice IN ('link', 'create', 'take_on', 'ignore')),
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    target_id TEXT,
    PRIMARY KEY (company, kind, key)
) WITHOUT ROWID;

CREATE TABLE facts (
    company INTEGER NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (company, name)
) WITHOUT ROWID;
