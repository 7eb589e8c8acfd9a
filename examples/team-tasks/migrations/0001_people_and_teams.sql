-- People, the teams that they form, and who belongs where.
--
-- A person is a user of the auth service with a profile. The profile's id is the user's, which is
-- also the `sub` of their tokens, so `auth.uid() = profiles.id`.

create table public.profiles (
  id          uuid primary key references auth.users (id) on delete cascade,
  username    text not null unique check (username ~ '^[a-z][a-z0-9_.]{2,29}$'),
  full_name   text not null,
  avatar_url  text,
  email       text unique,
  phone       text,
  created_at  timestamptz not null default now()
);

comment on table public.profiles is 'Everybody who has proved an address, one row a person.';
comment on column public.profiles.id is 'The user of the auth service.';
comment on column public.profiles.username is 'The short public name, lower-case.';
comment on column public.profiles.email is 'Hidden from everybody but the person.';
comment on column public.profiles.phone is 'Others see the last two digits.';

-- A profile begins when its address is proved: whoever signs up with somebody else's address does
-- not show up in the directory. The username says nothing about the address; people choose
-- another one later. The function runs as its owner, because the auth service itself may not
-- write to tables of the app.
create function public.keep_profile() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.profiles (id, username, full_name, email)
  values (
    new.id,
    'user_' || left(md5(new.id::text), 24),
    coalesce(nullif(left(new.raw_user_meta_data ->> 'full_name', 100), ''), 'Somebody new'),
    new.email
  )
  on conflict (id) do update set email = excluded.email;
  return null;
end
$$;

comment on function public.keep_profile() is 'Makes a profile for a proved user and keeps its address.';

create trigger users_keep_profile
after insert or update of email, email_confirmed_at on auth.users
for each row when (new.email_confirmed_at is not null)
execute function public.keep_profile();

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
