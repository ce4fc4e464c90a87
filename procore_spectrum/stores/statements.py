"""The SQL of the sqlite store. The first ``?`` is the company's id wherever there is one.

``coalesce(?, column)`` narrows to a value, or to nothing when the value is NULL.

Columns stand in the order in which :mod:`procore_spectrum.stores.codec` encodes them.
"""

from __future__ import annotations

__all__ = [
    "ADD_COMPANY",
    "ADD_EVENT",
    "ALL_LINKS",
    "APPROVAL",
    "APPROVALS",
    "CLAIMS",
    "CLAIM_OWNER",
    "COMPANY_ID",
    "DECISIONS",
    "DELETE_DECISION",
    "DELETE_LINK",
    "DELETE_STARTED",
    "EVENTS",
    "FACT",
    "JOURNAL_END",
    "LINK",
    "LINKS",
    "PUT_APPROVAL",
    "PUT_CLAIM",
    "PUT_DECISION",
    "PUT_FACT",
    "PUT_JOURNAL_END",
    "PUT_LINK",
    "PUT_STARTED",
    "STARTED",
]

# ---------------------------------------------------------------- companies

COMPANY_ID = """
SELECT id FROM companies WHERE procore_company_id = ? AND spectrum_company_code = ?
"""

ADD_COMPANY = """
INSERT INTO companies (procore_company_id, spectrum_company_code) VALUES (?, ?)
"""

# ---------------------------------------------------------------- links

ALL_LINKS = """
SELECT kind, key, scope_kind, scope_key, target_id, active, base, fingerprint, echo
FROM links WHERE company = ? ORDER BY kind, key
"""

LINKS = """
SELECT kind, key, scope_kind, scope_key, target_id, active, base, fingerprint, echo
FROM links
WHERE company = ? AND kind = ?
  AND scope_kind IS coalesce(?, scope_kind) AND scope_key IS coalesce(?, scope_key)
ORDER BY key
"""

LINK = """
SELECT kind, key, scope_kind, scope_key, target_id, active, base, fingerprint, echo
FROM links WHERE company = ? AND kind = ? AND key = ?
"""

PUT_LINK = """
INSERT OR REPLACE INTO links
  (company, kind, key, scope_kind, scope_key, target_id, active, base, fingerprint, echo)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

DELETE_LINK = """
DELETE FROM links WHERE company = ? AND kind = ? AND key = ?
"""

# ---------------------------------------------------------------- operations in doubt

STARTED = """
SELECT op_id, kind, key, target, verb, at, plan_id, fields, scope_kind, scope_key, target_id
FROM started WHERE company = ? ORDER BY at, ordinal
"""

# Not OR REPLACE: an operation that is begun again keeps its place.
PUT_STARTED = """
INSERT INTO started
  (company, op_id, kind, key, target, verb, at, plan_id, fields,
   scope_kind, scope_key, target_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (company, op_id) DO UPDATE SET
  kind = excluded.kind, key = excluded.key, target = excluded.target, verb = excluded.verb,
  at = excluded.at, plan_id = excluded.plan_id, fields = excluded.fields,
  scope_kind = excluded.scope_kind, scope_key = excluded.scope_key,
  target_id = excluded.target_id
"""

DELETE_STARTED = """
DELETE FROM started WHERE company = ? AND op_id = ?
"""

# ---------------------------------------------------------------- decisions and facts

DECISIONS = """
SELECT kind, key, choice, at, who, why, target_id
FROM decisions WHERE company = ? ORDER BY kind, key
"""

DELETE_DECISION = """
DELETE FROM decisions WHERE company = ? AND kind = ? AND key = ?
"""

PUT_DECISION = """
INSERT OR REPLACE INTO decisions (company, kind, key, choice, at, who, why, target_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""

FACT = """
SELECT value FROM facts WHERE company = ? AND name = ?
"""

PUT_FACT = """
INSERT OR REPLACE INTO facts (company, name, value) VALUES (?, ?, ?)
"""

# ---------------------------------------------------------------- approvals and numbers

APPROVALS = """
SELECT kind, key, state, body FROM approvals WHERE company = ? ORDER BY kind, key
"""

APPROVAL = """
SELECT kind, key, state, body FROM approvals WHERE company = ? AND kind = ? AND key = ?
"""

PUT_APPROVAL = """
INSERT OR REPLACE INTO approvals (company, kind, key, state, body) VALUES (?, ?, ?, ?, ?)
"""

CLAIMS = """
SELECT space, number, kind, key FROM claims
WHERE company = ? AND space = coalesce(?, space) ORDER BY space, number
"""

CLAIM_OWNER = """
SELECT kind, key FROM claims WHERE company = ? AND space = ? AND number = ?
"""

PUT_CLAIM = """
INSERT OR IGNORE INTO claims (company, space, number, kind, key) VALUES (?, ?, ?, ?, ?)
"""

# ---------------------------------------------------------------- the journal

EVENTS = """
SELECT sequence, at, action, kind, key, op_id, plan_id, actor, detail, previous, digest
FROM events
WHERE company = ?
  AND kind IS coalesce(?, kind) AND key IS coalesce(?, key)
  AND op_id IS coalesce(?, op_id)
  AND plan_id IS coalesce(?, plan_id)
  AND action IS coalesce(?, action)
ORDER BY sequence
"""

ADD_EVENT = """
INSERT INTO events
  (company, sequence, at, action, kind, key, op_id, plan_id, actor, detail, previous, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

JOURNAL_END = """
SELECT sequence, digest FROM journal_ends WHERE company = ?
"""

PUT_JOURNAL_END = """
INSERT OR REPLACE INTO journal_ends (company, sequence, digest) VALUES (?, ?, ?)
"""
