"""SQL of the mirror's writes. `:business` is always the session's own; the policies of the tables say the same.

A page travels as two values: its columns as JSON, its documents as an array. One statement reads both side by side,
which costs half of what COPY into a staging table did (docs/adr/0002-mirror-storage.md).
"""

from sqlalchemy import text

# One writer per business and kind: what the log calls "before" is true. And plans by key, made once: a plan that was
# made while the table was nearly empty reads it from end to end, and stays with the connection when it has grown.
LOCK = text("""
SELECT pg_advisory_xact_lock(hashtextextended(CAST(:business AS text) || ':' || entity, 7)),
  set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
  EXISTS (SELECT FROM quarantine WHERE business_id = CAST(:business AS uuid)) AS quarantined
FROM (SELECT entity FROM unnest(CAST(:entities AS text[])) AS every(entity) ORDER BY entity OFFSET 0) AS ordered
""")
# The way of a first sync: what the mirror never had is stored and logged. Digests come as one string of 16 bytes each.
ADD = text("""
WITH added AS (
  INSERT INTO records (business_id,
    entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
    document, digest, as_of, last_synced, deleted_at)
  SELECT :business,
    entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
    document, substr(CAST(:digests AS bytea), CAST(16 * place - 15 AS int), 16), :as_of, :now, NULL
  FROM
  ROWS FROM (
    json_to_recordset(CAST(CAST(:heads AS text) AS json)) AS (
      entity text, qbo_id text, sync_token bigint, last_updated timestamptz, active boolean, name text,
      party_id text, account_id text, term_id text, parent_id text, kind text, subkind text, doc_number
      text, txn_date date, due_date date, currency text, exchange_rate numeric, total numeric, balance
      numeric, home_balance numeric),
    unnest(CAST(:documents AS text[]))) WITH ORDINALITY AS s (
      entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id,
      kind, subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
      document, place)
  ON CONFLICT DO NOTHING
  RETURNING entity, qbo_id, sync_token, digest),
logged AS (
  INSERT INTO transaction_log
    (business_id, entity, qbo_id, at, action, sync_token, before, after, source, actor, run_id)
  SELECT :business, entity, qbo_id, :now, 'created', sync_token, NULL, digest, :source, :actor, :run_id FROM added),
marked AS (
  INSERT INTO mirror_marks (business_id, entity, mark)
  SELECT :business, entity, gen_random_uuid() FROM added GROUP BY entity ORDER BY entity
  ON CONFLICT (business_id, entity) DO UPDATE SET mark = excluded.mark)
SELECT entity, array_agg(qbo_id) FROM added GROUP BY entity
""")
# Where nothing was stored before nothing is looked up, a tenth of the work; what is there after all is refused.
ADD_UNSEEN = text(ADD.text.replace("ON CONFLICT DO NOTHING", ""))
# A version is older by SyncToken, then by LastUpdatedTime (which may lie in the future: it counts up to the moment
# of the answer at most), then by that moment. What was deleted comes back only by a later answer. Each look-up is a
# limited subquery by key: as a join it was once done the other way round.
CHANGE = text("""
WITH staged AS MATERIALIZED (
  SELECT
    entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
    document, substr(CAST(:digests AS bytea), CAST(16 * place - 15 AS int), 16) AS digest
  FROM
  ROWS FROM (
    json_to_recordset(CAST(CAST(:heads AS text) AS json)) AS (
      entity text, qbo_id text, sync_token bigint, last_updated timestamptz, active boolean, name text,
      party_id text, account_id text, term_id text, parent_id text, kind text, subkind text, doc_number
      text, txn_date date, due_date date, currency text, exchange_rate numeric, total numeric, balance
      numeric, home_balance numeric),
    unnest(CAST(:documents AS text[]))) WITH ORDINALITY AS s (
      entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id,
      kind, subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
      document, place)),
fresh AS MATERIALIZED (
  SELECT s.*, r.digest AS before, r.deleted_at AS buried
  FROM staged s CROSS JOIN LATERAL (
    SELECT digest, deleted_at, as_of, sync_token, last_updated FROM records
    WHERE business_id = :business AND entity = s.entity AND qbo_id = s.qbo_id LIMIT 1) r
  WHERE NOT CASE
    WHEN r.deleted_at IS NOT NULL THEN :as_of <= r.as_of OR s.sync_token < r.sync_token
    ELSE s.digest = r.digest OR (s.sync_token, LEAST(s.last_updated, :as_of), :as_of)
      < (r.sync_token, LEAST(r.last_updated, r.as_of), r.as_of) END),
logged AS (
  INSERT INTO transaction_log
    (business_id, entity, qbo_id, at, action, sync_token, before, after, source, actor, run_id)
  SELECT :business, entity, qbo_id, :now, CASE WHEN buried IS NULL THEN 'updated' ELSE 'restored' END,
    sync_token, before, digest, :source, :actor, :run_id FROM fresh),
stored AS (
  INSERT INTO records (business_id,
    entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
    document, digest, as_of, last_synced, deleted_at)
  SELECT :business,
    entity, qbo_id, sync_token, last_updated, active, name, party_id, account_id, term_id, parent_id, kind,
    subkind, doc_number, txn_date, due_date, currency, exchange_rate, total, balance, home_balance,
    document, digest, :as_of, :now, NULL
  FROM fresh
  ON CONFLICT (business_id, entity, qbo_id) DO UPDATE SET
    sync_token = excluded.sync_token, last_updated = excluded.last_updated, active = excluded.active, name =
    excluded.name, party_id = excluded.party_id, account_id = excluded.account_id, term_id =
    excluded.term_id, parent_id = excluded.parent_id, kind = excluded.kind, subkind = excluded.subkind,
    doc_number = excluded.doc_number, txn_date = excluded.txn_date, due_date = excluded.due_date, currency =
    excluded.currency, exchange_rate = excluded.exchange_rate, total = excluded.total, balance =
    excluded.balance, home_balance = excluded.home_balance, document = excluded.document, digest =
    excluded.digest, as_of = excluded.as_of, last_synced = excluded.last_synced, deleted_at =
    excluded.deleted_at),
marked AS (
  INSERT INTO mirror_marks (business_id, entity, mark)
  SELECT :business, entity, gen_random_uuid() FROM fresh GROUP BY entity ORDER BY entity
  ON CONFLICT (business_id, entity) DO UPDATE SET mark = excluded.mark)
SELECT entity, array_agg(qbo_id) FROM fresh GROUP BY entity
""")
POST = text("""
INSERT INTO postings (business_id, entity, qbo_id, leg, txn_date, account_id, amount, home_amount, currency,
  counter_id, party_id, link_entity, link_id, settles)
SELECT :business, entity, qbo_id, leg, txn_date, account_id, amount, home_amount, currency,
  counter_id, party_id, link_entity, link_id, settles
FROM json_to_recordset(CAST(CAST(:postings AS text) AS json)) AS p (
  entity text, qbo_id text, leg int, txn_date date, account_id text, amount numeric, home_amount numeric,
  currency text, counter_id text, party_id text, link_entity text, link_id text, settles boolean)
""")
FORGET_POSTINGS = text("""
DELETE FROM postings
WHERE business_id = :business AND entity = :entity AND qbo_id = ANY(CAST(:ids AS text[]))
""")
RELEASE = text("""
DELETE FROM quarantine
WHERE business_id = :business AND entity = :entity AND qbo_id = ANY(CAST(:ids AS text[]))
""")
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
MARK = text("""
INSERT INTO mirror_marks (business_id, entity, mark)
SELECT :business, entity, gen_random_uuid() FROM unnest(CAST(:entities AS text[])) AS changed(entity) ORDER BY entity
ON CONFLICT (business_id, entity) DO UPDATE SET mark = excluded.mark
""")
