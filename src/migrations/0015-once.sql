-- What a request under a key has made, written in the transaction that makes it: a crash before its answer was kept
-- then makes no second one.
alter table idempotency_keys add column made_kind text, add column made_id text;
