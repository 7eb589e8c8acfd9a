-- The users' tables of the schema `auth`, named like Supabase's, so that foreign keys to
-- `auth.users`, triggers on it and exports of it go on working. Columns that Supabase keeps plain
-- codes in (`confirmation_token` and its like) exist and stay empty: codes are kept elsewhere, as
-- MACs. On a database that has such tables already, only what is missing is added.
do $people$
declare
  word record;
begin
create table if not exists auth.users (
  instance_id uuid,
  id uuid primary key,
  aud text not null default 'authenticated',
  role text not null default 'authenticated',
  email text,
  encrypted_password text,
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token text default '',
  confirmation_sent_at timestamptz,
  recovery_token text default '',
  recovery_sent_at timestamptz,
  email_change_token_new text default '',
  email_change text default '',
  email_change_sent_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb not null default '{}',
  raw_user_meta_data jsonb not null default '{}',
  is_super_admin boolean,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  phone text unique,
  phone_confirmed_at timestamptz,
  phone_change text default '',
  phone_change_token text default '',
  phone_change_sent_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current text default '',
  email_change_confirm_status smallint not null default 0,
  banned_until timestamptz,
  reauthentication_token text default '',
  reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false
);
-- True where a setting alone confirmed address or number: the owner may still come and prove it.
alter table auth.users add column if not exists is_email_unproved boolean not null default false;
alter table auth.users add column if not exists is_phone_unproved boolean not null default false;
create unique index if not exists users_email_partial_key on auth.users (email) where not is_sso_user;
create index if not exists users_created_at_idx on auth.users (created_at, id);
-- The list of users in its orders and groups, and what a search reads beginnings from.
create index if not exists users_signed_in_idx
  on auth.users (last_sign_in_at nulls first, id) where deleted_at is null;
create index if not exists users_by_email_idx on auth.users (email, id) where deleted_at is null;
create index if not exists users_live_idx on auth.users (created_at, id) where deleted_at is null;
create index if not exists users_email_start_idx on auth.users (email text_pattern_ops);
create index if not exists users_phone_start_idx
  on auth.users (phone text_pattern_ops) where phone is not null;
create index if not exists users_unconfirmed_idx
  on auth.users (created_at, id) where confirmed_at is null and deleted_at is null;
create index if not exists users_banned_idx on auth.users (banned_until)
  where banned_until is not null and deleted_at is null;
create index if not exists users_anonymous_idx
  on auth.users (created_at, id) where is_anonymous and deleted_at is null;

create table if not exists auth.identities (
  provider_id text not null,
  user_id uuid not null references auth.users on delete cascade,
  identity_data jsonb not null default '{}',
  provider text not null,
  last_sign_in_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  email text generated always as (lower(identity_data ->> 'email')) stored,
  id uuid primary key default gen_random_uuid(),
  constraint identities_provider_id_provider_unique unique (provider_id, provider)
);
create index if not exists identities_user_id_idx on auth.identities (user_id);
create index if not exists identities_email_idx on auth.identities (email);

create table if not exists auth.sessions (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  factor_id uuid,
  aal text not null default 'aal1',
  not_after timestamptz,
  refreshed_at timestamptz,
  user_agent text,
  ip inet,
  tag text,
  refresh_token_hmac_key text,
  refresh_token_counter bigint not null default 0
);
alter table auth.sessions add column if not exists refresh_token_hmac_key text;
alter table auth.sessions add column if not exists refresh_token_counter bigint not null default 0;
alter table auth.sessions add column if not exists refresh_token_late_parent bigint;
create index if not exists sessions_user_id_idx on auth.sessions (user_id, created_at);

create table if not exists auth.mfa_amr_claims (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references auth.sessions on delete cascade,
  authentication_method text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint mfa_amr_claims_session_id_authentication_method_pkey
    unique (session_id, authentication_method)
);
alter table auth.mfa_amr_claims add column if not exists provider text;

create table if not exists auth.mfa_factors (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  friendly_name text,
  factor_type text not null,
  status text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  secret text,
  phone text,
  last_challenged_at timestamptz,
  web_authn_credential jsonb
);
alter table auth.mfa_factors add column if not exists last_used_step bigint;
create unique index if not exists mfa_factors_user_friendly_name_unique
  on auth.mfa_factors (user_id, friendly_name) where friendly_name <> '';

-- Supabase keeps some of these texts as enums. Their columns stay as they are, since views and
-- policies may look at them: a text becomes the enum when it is written.
for word in
  select distinct t.oid, t.oid::regtype as name, a.attname = 'factor_type' as is_kind
  from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
  where t.typtype = 'e' and not a.attisdropped and (a.attrelid, a.attname) in (
    ('auth.sessions'::regclass, 'aal'),
    ('auth.mfa_factors'::regclass, 'factor_type'),
    ('auth.mfa_factors'::regclass, 'status'))
loop
  if not exists (select from pg_catalog.pg_cast
    where castsource = 'text'::regtype and casttarget = word.oid)
  then
    execute format('create cast (text as %s) with inout as assignment', word.name);
  end if;
  if word.is_kind then
    execute format('alter type %s add value if not exists %L', word.name, 'recovery_code');
  end if;
end loop;

create table if not exists auth.mfa_challenges (
  id uuid primary key,
  factor_id uuid not null references auth.mfa_factors on delete cascade,
  created_at timestamptz not null,
  verified_at timestamptz,
  ip_address inet not null,
  otp_code text
);
alter table auth.mfa_challenges add column if not exists expires_at timestamptz;
alter table auth.mfa_challenges add column if not exists attempts integer not null default 0;
alter table auth.mfa_challenges add column if not exists sealed_state text;

create table if not exists auth.mfa_recovery_codes (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  code_mac bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  unique (user_id, code_mac)
);

create table if not exists auth.webauthn_credentials (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  credential_id bytea not null unique,
  credential jsonb not null,
  friendly_name text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  last_used_at timestamptz
);
create index if not exists webauthn_credentials_user_id_idx on auth.webauthn_credentials (user_id);

create table if not exists auth.webauthn_challenges (
  id uuid primary key,
  user_id uuid references auth.users on delete cascade,
  kind text not null,
  sealed_state text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index if not exists webauthn_challenges_expires_at_idx
  on auth.webauthn_challenges (expires_at);
exception
  when insufficient_privilege then
    raise notice 'postern: the tables of schema auth belong to somebody else';
end
$people$;
