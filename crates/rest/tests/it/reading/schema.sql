create table public.clients (
  id int primary key,
  name text not null,
  parent_id int references public.clients (id),
  rating text
);
insert into public.clients values
  (1, 'Microsoft', null, 'a'), (2, 'Apple', 1, 'b'), (3, 'Ghost', null, 'c');

create table public.projects (
  id int primary key,
  name text not null,
  client_id int references public.clients (id),
  budget numeric,
  data jsonb,
  doc json,
  words text,
  during int4range,
  tags text[],
  secret text,
  hidden boolean not null default false
);
insert into public.projects values
  (1, 'Windows 7', 1, 100, '{"rank": 3, "tags": ["old", "sold"]}', '{"cat": "fat cats"}', 'the fat cats', '[1,5)', '{a,b}', 's1', false),
  (2, 'Windows 10', 1, 200, '{"rank": 1}', null, 'a rat', '[5,9)', '{b,c}', 's2', false),
  (3, 'IOS', 2, 300, '{"rank": 2}', null, null, '[9,12)', '{c}', 's3', false),
  (4, 'OSX', 2, 400, null, null, null, null, null, 's4', false),
  (5, 'Orphan', null, 50, null, null, null, null, null, 's5', false),
  (6, 'Skunk', 2, 1000, '{"rank": 9}', null, 'skunk', '[0,100)', '{x}', 's6', true),
  (7, 'Ghostwork', 3, 2000, null, null, 'ghost', null, '{x}', 's7', true);

create table public.details (
  project_id int primary key references public.projects (id),
  place text
);
insert into public.details values (1, 'Redmond'), (3, 'Cupertino'), (6, 'cellar');

create table public.tasks (
  id int primary key,
  name text not null,
  project_id int not null references public.projects (id),
  hours int
);
insert into public.tasks values
  (1, 'design', 1, 5), (2, 'code', 1, 8), (3, 'draw', 3, 3), (4, 'dig', 6, 40);

create table public.people (id int primary key, name text not null);
insert into public.people values (1, 'Angela'), (2, 'Michael'), (3, 'Dwight');
create table public.people_tasks (
  person_id int references public.people (id),
  task_id int references public.tasks (id),
  private boolean not null default false,
  primary key (person_id, task_id)
);
insert into public.people_tasks values
  (1, 1, false), (1, 2, false), (2, 2, false), (3, 3, true), (2, 4, false);

create table public.matches (
  id int primary key,
  home_id int references public.clients (id),
  away_id int references public.clients (id)
);
insert into public.matches values (1, 1, 2);

create view public.plain_projects as select id, name, client_id, hidden from public.projects;
create materialized view public.kept_projects as
  select id as "Key Nr", name, client_id from public.projects where not hidden;

create table public.measures (id int, place int, value int) partition by list (place);
create table public.measures_1 partition of public.measures for values in (1);
create table public.measures_2 partition of public.measures for values in (2);
insert into public.measures values (1, 1, 10), (2, 2, 20);

create table public."Straße (neu)" ("id" int primary key, "Größe, cm" int, "a.b" text);
insert into public."Straße (neu)" values (1, 7, 'x,y'), (2, 9, '(z)');

create function public.code_name(public.projects) returns text language sql immutable
  set search_path = '' as $$ select $1.name || '/' || $1.secret $$;
create function public.search_words(public.projects) returns tsvector language sql immutable
  set search_path = '' as $$ select to_tsvector('pg_catalog.english', coalesce($1.words, '')) $$;
create function public.unlisted(public.projects) returns text language sql immutable
  set search_path = '' as $$ select $1.secret $$;
create function public.picky(public.projects) returns int language plpgsql immutable
  set search_path = '' as $$
begin
  if $1.hidden then raise exception 'saw % of %', $1.secret, $1.name; end if;
  return $1.id;
end $$;
create function public.caller(public.projects) returns text language sql stable
  set search_path = '' as $$
  select current_setting('request.jwt.claims', true)::json ->> 'role' $$;
create function public.sponsor(public.projects) returns setof public.clients rows 1
  language sql stable set search_path = '' as $$
  select * from public.clients where id = $1.client_id $$;
create function public.parent(public.clients) returns public.clients
  language sql stable set search_path = '' as $$
  select c from public.clients c where c.id = $1.parent_id $$;
create function public.work(public.clients) returns setof public.projects
  language sql stable set search_path = '' as $$
  select * from public.projects where client_id = $1.id $$;
create function public.wary(public.projects) returns setof public.clients
  language plpgsql stable set search_path = '' as $$
begin
  if $1.hidden then raise exception 'saw %', $1.secret; end if;
  return query select * from public.clients where id = $1.client_id;
end $$;
create function public.spy(public.clients) returns setof public.projects
  language sql stable set search_path = '' as $$ select * from public.projects $$;
create function public.all_clients() returns setof public.clients
  language sql stable set search_path = '' as $$ select * from public.clients $$;

create schema behind;
create table behind.writers (id int primary key, name text, private boolean not null);
insert into behind.writers values (1, 'Orwell', false), (2, 'Anonymous', true);
create table behind.books (
  id int primary key, title text, writer_id int references behind.writers (id));
insert into behind.books values (1, '1984', 1), (2, 'Beowulf', 2);
create view public.writers as select id, name, private from behind.writers;
create view public.books as select id, title, writer_id from behind.books;

create domain public.shade as int;
create function public.shade_shown(public.shade) returns json language sql immutable
  set search_path = '' as $$ select to_json('#' || lpad(to_hex($1), 6, '0')) $$;
create function public.shade_read(text) returns public.shade language plpgsql immutable
  set search_path = '' as $$
begin
  return ('x' || lpad(substr($1, 2), 8, '0'))::bit(32)::int;
end $$;
create function public.shade_sent(json) returns public.shade language sql immutable
  set search_path = '' as $$ select public.shade_read($1 #>> '{}') $$;
create cast (json as public.shade) with function public.shade_sent(json) as implicit;
create cast (public.shade as json) with function public.shade_shown(public.shade) as implicit;
create function public.shade_written(public.shade) returns text language sql immutable
  as $$ select upper(lpad(to_hex($1), 6, '0')) $$;
create cast (public.shade as text) with function public.shade_written(public.shade) as implicit;
create cast (text as public.shade) with function public.shade_read(text) as implicit;
create table public.paints (id int primary key, shade public.shade, recipe public.shade);
insert into public.paints values (1, 255, 1), (2, 65280, 2), (3, null, 3), (4, 255, 4);

analyze;
