-- A token ends with its person's membership for good: who is added again later begins without the old ones.
delete from tokens where not exists (select from members where members.team_id = tokens.team_id and members.user_id = tokens.user_id);
alter table tokens add constraint tokens_member foreign key (team_id, user_id) references members (team_id, user_id) on delete cascade;
