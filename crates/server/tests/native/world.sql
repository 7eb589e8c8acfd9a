-- A database that was there before the gateway: roles, column grants, row-level security, views
-- and functions with rights of their own. Roles belong to the whole server.
do $$
declare
  wanted text;
begin
  foreach wanted in array array[
    'create role native_editor nologin',
    'create role native_boss nologin superuser',
    'create role native_stranger nologin'
  ] loop
    begin
      execute wanted;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  grant native_editor, native_boss to postern_gateway;
  revoke native_stranger from postern_gateway;
end
$$;

create table public.notes (
  id int primary key,
  owner uuid not null default auth.uid(),
  body text not null,
  rank int check (rank < 10),
  secret text not null default 'hidden'
);
insert into public.notes (id, owner, body, rank) values
  (1, 'a0000000-0000-4000-8000-000000000001', 'of alice', 1),
  (2, 'a0000000-0000-4000-8000-000000000001', 'of alice too', 2),
  (3, 'b0000000-0000-4000-8000-000000000002', 'of bob', 3);
create table public.comments (
  id int primary key,
  note_id int not null references public.notes,
  body text not null
);
insert into public.comments values (1, 1, 'first'), (2, 3, 'second');
alter table public.notes enable row level security;
alter table public.comments enable row level security;
grant select (id, owner, body, rank), insert (id, body, rank), update (id, body, rank), delete
  on public.notes to authenticated;
grant select, insert, update, delete on public.comments to authenticated;
create policy own on public.notes to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
create policy of_own_notes on public.comments to authenticated
  using (exists (select from public.notes where notes.id = note_id));

create table public.pages (id int primary key, title text, draft boolean not null);
insert into public.pages values (1, 'home', false), (2, 'soon', true);
alter table public.pages enable row level security;
grant select on public.pages to anon, authenticated, native_editor;
grant update on public.pages to native_editor;
create policy published on public.pages for select to anon, authenticated using (not draft);
create policy all_pages on public.pages to native_editor using (true);

create view public.own_notes with (security_invoker) as select id, body from public.notes;
create view public.all_bodies as select body from public.notes;
grant select on public.own_notes, public.all_bodies to authenticated;

create function public.who() returns text stable language sql as 'select current_user::text';
create function public.count_notes() returns bigint stable language sql
  as 'select count(id) from public.notes';
create function public.count_all_notes() returns bigint stable security definer
  set search_path = '' language sql as 'select count(*) from public.notes';
create function public.setting(name text) returns text stable language sql
  as 'select current_setting(name, true)';
create function public.leave_traces() returns text language plpgsql as $$
begin
  perform set_config('role', 'native_editor', false);
  perform set_config('request.jwt.claims', '{"role":"evil"}', false);
  perform set_config('app.trace', 'left', false);
  return current_user;
end $$;
create function public.fail() returns text language plpgsql as $$
begin
  perform set_config('app.trace', 'left', false);
  raise exception 'on purpose';
end $$;
create function public.stable_write() returns text stable language plpgsql as $$
begin
  update public.pages set title = 'x';
  return 'written';
end $$;
create function public.touch_page(page int) returns setof public.pages language sql
  as $$ update public.pages set title = title || '!' where id = page returning * $$;
create function public.shout(public.pages) returns text immutable language sql
  as 'select upper($1.title)';
create function public.hush(public.pages) returns text immutable language sql
  as 'select lower($1.title)';
revoke execute on function public.hush(public.pages) from public, anon, authenticated;
create function public.others(public.pages) returns setof public.pages stable language sql
  as 'select * from public.pages where id <> $1.id';
create function public.next(public.pages) returns public.pages stable language sql
  as 'select p from public.pages p where p.id = $1.id + 1';
create function public.first_letter(public.notes) returns text immutable language sql
  as 'select left($1.secret, 1)';
create function public.hidden() returns text language sql as $$ select 'hidden' $$;
revoke execute on function public.hidden() from public, anon, authenticated;
