-- When the person was last told that somebody with the right password guesses codes.
alter table signin_failures add column told_at timestamptz;
