"""SQL of the mirror's writes. `:business` is always the session's own; the policies of the tables say the same."""

from sqlalchemy import text

# One writer per business: what the log calls "before" is true. And plans by key: a plan that was made while the table
# was nearly empty reads it from end to end, and stays with the connection when the table has grown.
LOCK = text("""
SELECT pg_advisory_xact_lock(hashtextextended(CAST(:business AS text), 7)),
  set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('jit', 'off', true), to_regclass('pg_temp.staged_records') IS NOT NULL AS staged,
  EXISTS (SELECT FROM quarantine WHERE business_id = CAST(:business AS uuid)) AS quarantined
""")
STAGE = text("""
CREATE TEMP TABLE staged_records ON COMMIT DELETE ROWS AS
SELECT entity, qbo_id, sync_token, last_updated, digest, active, name, party_id, account_id, term_id,
  parent_id, kind,
  subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance, document,
    as_of FROM records WITH NO DATA
""")
STAGE_POSTINGS = text("""
CREATE TEMP TABLE staged_postings ON COMMIT DELETE ROWS AS
SELECT entity, qbo_id, leg, txn_date, account_id, amount, home_amount, currency, counter_id, party_id,
  link_entity, link_id, settles FROM postings WITH NO DATA
""")
# The way of a first sync, in one statement: what the mirror never had is stored and logged.
ADD = text("""
WITH added AS (
  INSERT INTO records (business_id, entity, qbo_id, sync_token, last_updated, digest, active, name, party_id,
    account_id, term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance, document,
      as_of, last_synced, deleted_at)
  SELECT :business, entity, qbo_id, sync_token, last_updated, digest, active, name, party_id, account_id,
    term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance, document,
      as_of, :now, NULL FROM staged_records
  ON CONFLICT DO NOTHING
  RETURNING entity, qbo_id, sync_token, digest),
logged AS (
  INSERT INTO transaction_log
    (business_id, entity, qbo_id, at, action, sync_token, before, after, source, actor, run_id)
  SELECT :business, entity, qbo_id, :now, 'created', sync_token, NULL, digest, :source, :actor, :run_id FROM added)
SELECT entity, qbo_id FROM added
""")
# Look-ups are scalar or limited subqueries, one per staged row: as joins they were once done the other way round.
# A version is older by SyncToken, then by LastUpdatedTime (which may lie in the future: it counts up to the moment
# of the answer at most), then by that moment. What was deleted comes back only by a later answer.
DROP_OLD = text("""
DELETE FROM staged_records s WHERE (
  SELECT CASE
    WHEN r.deleted_at IS NOT NULL THEN s.as_of <= r.as_of OR s.sync_token < r.sync_token
    ELSE s.digest = r.digest OR (s.sync_token, LEAST(s.last_updated, s.as_of), s.as_of)
      < (r.sync_token, LEAST(r.last_updated, r.as_of), r.as_of) END
  FROM records r WHERE r.business_id = :business AND r.entity = s.entity AND r.qbo_id = s.qbo_id)
""")
LOG = text("""
INSERT INTO transaction_log (business_id, entity, qbo_id, at, action, sync_token, before, after, source, actor, run_id)
SELECT :business, s.entity, s.qbo_id, :now,
  CASE WHEN r.deleted_at IS NOT NULL THEN 'restored' ELSE 'updated' END,
  s.sync_token, r.digest, s.digest, :source, :actor, :run_id
FROM staged_records s CROSS JOIN LATERAL (
  SELECT digest, deleted_at FROM records
  WHERE business_id = :business AND entity = s.entity AND qbo_id = s.qbo_id LIMIT 1) r
""")
FORGET_POSTINGS = text("""
DELETE FROM postings
WHERE business_id = :business AND entity = :entity AND qbo_id = ANY(CAST(:ids AS text[]))
""")
POST = text("""
INSERT INTO postings (business_id, entity, qbo_id, leg, txn_date, account_id, amount, home_amount, currency,
  counter_id, party_id, link_entity, link_id, settles)
SELECT :business, entity, qbo_id, leg, txn_date, account_id, amount, home_amount, currency,
  counter_id, party_id, link_entity,
  link_id, settles
FROM staged_postings
""")
UPSERT = text("""
INSERT INTO records (business_id, entity, qbo_id, sync_token, last_updated, digest, active, name, party_id,
  account_id, term_id, parent_id, kind,
  subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance, document,
    as_of, last_synced, deleted_at)
SELECT :business, entity, qbo_id, sync_token, last_updated, digest, active, name, party_id, account_id,
  term_id, parent_id, kind,
  subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance, document,
    as_of, :now, NULL FROM staged_records
ON CONFLICT (business_id, entity, qbo_id) DO UPDATE
SET sync_token = excluded.sync_token, last_updated = excluded.last_updated, digest = excluded.digest, active =
  excluded.active, name = excluded.name, party_id = excluded.party_id, account_id = excluded.account_id, term_id
  = excluded.term_id, parent_id = excluded.parent_id, kind = excluded.kind, subkind = excluded.subkind,
  doc_number = excluded.doc_number, txn_date = excluded.txn_date, due_date = excluded.due_date, currency =
  excluded.currency, exchange_rate = excluded.exchange_rate, total = excluded.total, balance = excluded.balance,
  home_balance = excluded.home_balance, document = excluded.document, as_of = excluded.as_of, last_synced =
  excluded.last_synced, deleted_at = excluded.deleted_at
""")
RELEASE = text("""
DELETE FROM quarantine
WHERE business_id = :business AND entity = :entity AND qbo_id = ANY(CAST(:ids AS text[]))
""")
NEWS = text("SELECT entity, qbo_id FROM staged_records")
QUARANTINE = text("""
INSERT INTO quarantine (business_id, entity, qbo_id, reason, document, run_id, first_seen, last_seen)
VALUES (:business, :entity, :qbo_id, :reason, :document, :run_id, :now, :now)
ON CONFLICT (business_id, entity, qbo_id) DO UPDATE
SET reason = excluded.reason, document = excluded.document, run_id = excluded.run_id, last_seen = excluded.last_seen
""")
BURY = text("""
WITH gone AS (
  UPDATE records SET deleted_at = :now, as_of = GREATEST(as_of, :as_of), last_synced = :now
  WHERE business_id = :business AND entity = :entity AND qbo_id = ANY(CAST(:ids AS text[]))
    AND deleted_at IS NULL AND as_of <= :as_of
  RETURNING entity, qbo_id, sync_token, digest),
forgotten AS (
  DELETE FROM postings p USING gone g WHERE p.business_id = :business AND p.entity = g.entity AND p.qbo_id =
    g.qbo_id)
INSERT INTO transaction_log (business_id, entity, qbo_id, at, action, sync_token, before, after, source,
  actor, run_id)
SELECT :business, entity, qbo_id, :now, 'deleted', sync_token, digest, NULL, :source, :actor, :run_id FROM gone
""")
CONFIRM = text("""
UPDATE records SET last_synced = :now
WHERE business_id = :business AND entity = :entity AND qbo_id = ANY(CAST(:ids AS text[]))
""")
# An id that was added under one kind and known under another stays staged; to be equal, it is dropped below.
KEEP = text("DELETE FROM staged_records WHERE qbo_id <> ALL(CAST(:ids AS text[]))")
CLEAR = text("DELETE FROM staged_records")
CLEAR_POSTINGS = text("DELETE FROM staged_postings")
