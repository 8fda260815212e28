-- Whether the sample was made: what people delete of it is not made again.
create table sample_made (one boolean primary key default true check (one), made_at timestamptz not null);
grant select, insert on sample_made to kliv_app;
