-- People, the teams that they form, and who belongs where.
--
-- A person's id is the `sub` of their token, so `auth.uid() = profiles.id`.

create table public.profiles (
  id          uuid primary key,
  username    text not null unique check (username ~ '^[a-z][a-z0-9_.]{2,29}$'),
  full_name   text not null,
  avatar_url  text,
  email       text not null unique,
  phone       text,
  created_at  timestamptz not null default now()
);

comment on table public.profiles is 'Everybody who can sign in, one row a person.';
comment on column public.profiles.id is 'The subject of the person''s token.';
comment on column public.profiles.username is 'The short public name, lower-case.';
comment on column public.profiles.email is 'Hidden from everybody but the person.';
comment on column public.profiles.phone is 'Others see the last two digits.';

create table public.teams (
  id          bigint generated always as identity primary key,
  name        text not null,
  slug        text not null unique check (slug ~ '^[a-z][a-z0-9-]*$'),
  created_at  timestamptz not null default now()
);

comment on table public.teams is 'Groups of people who share projects.';

create table public.members (
  team_id     bigint not null references public.teams (id) on delete cascade,
  user_id     uuid not null references public.profiles (id) on delete cascade,
  role        text not null default 'member' check (role in ('admin', 'member')),
  joined_at   timestamptz not null default now(),
  primary key (team_id, user_id)
);

comment on table public.members is 'Who belongs to which team, and as what.';
comment on column public.members.role is 'Admins manage members, projects and labels; members work on tasks.';

-- Nearly every policy asks "the teams of this user", so that question needs its index.
create index members_user_id_idx on public.members (user_id, team_id);
