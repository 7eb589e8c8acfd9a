-- Twenty policies as people write them on Supabase.
create table public.profiles (
  id uuid primary key, username text not null unique, bio text, is_private boolean not null default false
);
create table public.teams (id int primary key, name text not null, owner uuid not null);
create table public.team_members (
  team_id int references public.teams, user_id uuid, role text not null default 'member',
  primary key (team_id, user_id)
);
create table public.projects (
  id int primary key, team_id int not null references public.teams, name text not null,
  archived boolean not null default false
);
create table public.todos (
  id int primary key, user_id uuid not null default auth.uid(), title text not null, done boolean
);
create table public.posts (
  id int primary key, author_id uuid not null, body text not null, status text not null,
  published_at timestamptz
);
create table public.comments (
  id int primary key, post_id int not null references public.posts, user_id uuid not null,
  body text not null
);
create table public.invoices (id int primary key, team_id int not null, amount numeric not null);
create table public.events (id int primary key, kind text not null);

insert into public.profiles values
  ('a0000000-0000-4000-8000-000000000001', 'alice', 'hi', false),
  ('b0000000-0000-4000-8000-000000000002', 'bob', 'private', true);
insert into public.teams values
  (1, 'red', 'a0000000-0000-4000-8000-000000000001'),
  (2, 'blue', 'b0000000-0000-4000-8000-000000000002');
insert into public.team_members values
  (1, 'a0000000-0000-4000-8000-000000000001', 'admin'),
  (1, 'b0000000-0000-4000-8000-000000000002', 'member'),
  (2, 'b0000000-0000-4000-8000-000000000002', 'admin');
insert into public.projects values (1, 1, 'one', false), (2, 1, 'old', true), (3, 2, 'two', false);
insert into public.todos values
  (1, 'a0000000-0000-4000-8000-000000000001', 'mine', false),
  (2, 'b0000000-0000-4000-8000-000000000002', 'his', true);
insert into public.posts values
  (1, 'a0000000-0000-4000-8000-000000000001', 'draft', 'draft', null),
  (2, 'a0000000-0000-4000-8000-000000000001', 'out', 'published', '2020-01-01'),
  (3, 'b0000000-0000-4000-8000-000000000002', 'later', 'published', '2999-01-01');
insert into public.comments values
  (1, 2, 'b0000000-0000-4000-8000-000000000002', 'nice'),
  (2, 1, 'a0000000-0000-4000-8000-000000000001', 'to do');
insert into public.invoices values (1, 1, 10), (2, 2, 20);
insert into public.events values (1, 'public'), (2, 'internal');

grant select, insert, update, delete on all tables in schema public to authenticated;
grant select on all tables in schema public to anon;
revoke select on public.invoices, public.todos from anon;
revoke update on public.profiles from authenticated;
grant update (username, bio) on public.profiles to authenticated;
revoke delete on public.profiles, public.teams from authenticated;

alter table public.profiles enable row level security;
alter table public.teams enable row level security;
alter table public.team_members enable row level security;
alter table public.projects enable row level security;
alter table public.todos enable row level security;
alter table public.posts enable row level security;
alter table public.comments enable row level security;
alter table public.invoices enable row level security;
alter table public.events enable row level security;

create policy "Public profiles are viewable by everyone." on public.profiles
  for select using (not is_private);
create policy "Own profile is viewable." on public.profiles
  for select to authenticated using ((select auth.uid()) = id);
create policy "Users can insert their own profile." on public.profiles
  for insert with check ((select auth.uid()) = id);
create policy "Users can update own profile." on public.profiles
  for update using (auth.uid() = id) with check (auth.uid() = id);
create policy "Members see their teams" on public.teams
  for select to authenticated using (
    id in (select team_id from public.team_members where user_id = (select auth.uid())));
create policy "Owners make teams" on public.teams
  for insert to authenticated with check (owner = auth.uid());
create policy "Owners rename" on public.teams
  for update to authenticated using (owner = auth.uid());
create policy "Own memberships" on public.team_members
  for select to authenticated using (user_id = (select auth.uid()));
create policy "Team projects" on public.projects
  for select to authenticated using (exists (
    select 1 from public.team_members m
    where m.team_id = projects.team_id and m.user_id = (select auth.uid())));
create policy "Admins manage projects" on public.projects
  for all to authenticated using (exists (
    select 1 from public.team_members m join public.teams t on t.id = m.team_id
    where m.team_id = projects.team_id and m.user_id = auth.uid() and m.role = 'admin'));
create policy "Archived projects stay" on public.projects as restrictive
  for update to authenticated using (archived is false);
create policy "Individuals can create todos." on public.todos
  for insert with check (auth.uid() = user_id);
create policy "Individuals can view their own todos." on public.todos
  for select using ((select auth.uid()) = user_id);
create policy "Individuals can update their own todos." on public.todos
  for update using ((select auth.uid()) = user_id);
create policy "Individuals can delete their own todos." on public.todos
  for delete using ((select auth.uid()) = user_id);
create policy "Published posts" on public.posts
  for select to anon, authenticated
  using (status in ('published', 'pinned') and published_at <= now());
create policy "Authors" on public.posts
  for all to authenticated using (author_id = auth.uid());
create policy "Comments of visible posts" on public.comments
  for select using (post_id in (select id from public.posts));
create policy "Write comments" on public.comments
  for insert to authenticated
  with check (user_id = auth.uid() and coalesce(length(body), 0) > 1);
create policy "Billing claim" on public.invoices
  for select to authenticated
  using ((auth.jwt() -> 'app_metadata' ->> 'billing') = 'true'
    and team_id in (select m.team_id from public.team_members m where m.user_id = auth.uid()));
create policy "Public events" on public.events
  for select using (kind = 'public' or (select auth.role()) = 'service_role');
