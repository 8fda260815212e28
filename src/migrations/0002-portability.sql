-- What an imported workspace called its things: an export of it says the same names again.
alter table databases add column portable_id text;
alter table queries add column portable_id text;
alter table reports add column portable_id text;
alter table publications add column portable_slug text;
alter table teams add column portable_id text;
