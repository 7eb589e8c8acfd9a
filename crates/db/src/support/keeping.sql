-- What the auth service remembers that nobody else has a table for: codes, flows, keys, limits,
-- letters to be sent, revocations. Codes and tokens are kept as MACs, secrets sealed.
create table if not exists postern.codes (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  -- What it is for: signup, invite, magiclink, recovery, email_change_current, email_change_new,
  -- sms, phone_change, reauthentication.
  purpose text not null,
  -- The address that it was sent to, as it was then.
  sent_to text not null,
  code_mac bytea not null,
  token_mac bytea not null unique,
  attempts integer not null default 0,
  flow_id uuid,
  created_at timestamptz not null,
  -- A code can be guessed at and lives shorter than the link of the same mail.
  code_expires_at timestamptz not null,
  expires_at timestamptz not null,
  unique (user_id, purpose)
);
create index if not exists codes_sent_to_idx on postern.codes (sent_to);

-- A client's own PKCE exchange: challenge in, authorisation code out, once.
create table if not exists postern.flows (
  id uuid primary key,
  user_id uuid references auth.users on delete cascade,
  code_mac bytea unique,
  challenge text not null,
  challenge_method text not null,
  method text not null,
  provider text,
  provider_tokens text,
  created_at timestamptz not null,
  issued_at timestamptz
);

-- An identity that is linked when the code is exchanged, sealed.
alter table postern.flows add column if not exists pending_link text;

-- A sign-in on its way to an identity provider and back: one state, one return.
create table if not exists postern.provider_flows (
  id uuid primary key,
  state_mac bytea not null unique,
  provider text not null,
  sealed text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index if not exists provider_flows_expires_at_idx on postern.provider_flows (expires_at);

-- Keys that sign access tokens; the private half is sealed with the master key.
create table if not exists postern.signing_keys (
  id text primary key,
  algorithm text not null,
  state text not null check (state in ('standby', 'current', 'previous', 'revoked')),
  public_jwk jsonb not null,
  sealed_private text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create unique index if not exists signing_keys_one_current
  on postern.signing_keys (state) where state = 'current';

-- Whose tokens are no longer good, until they would have expired anyway.
create table if not exists postern.revocations (
  kind text not null check (kind in ('session', 'user', 'stale')),
  subject uuid not null,
  at_unix_secs bigint not null,
  noted_at timestamptz not null default pg_catalog.now(),
  primary key (kind, subject)
);

-- GCRA: the theoretical arrival time of each bucket. Losing it in a crash forgives a little.
create unlogged table if not exists postern.rate_limits (
  bucket bytea primary key,
  arrival timestamptz not null
);
create index if not exists rate_limits_arrival_idx on postern.rate_limits (arrival);
-- What is counted, such as `tries/password`; of whom is told by the bucket's MAC alone.
alter table postern.rate_limits add column if not exists class text not null default '';

-- Letters and texts to be sent; written in the transaction that makes the code, sent after it.
create table if not exists postern.outbox (
  id uuid primary key,
  channel text not null check (channel in ('email', 'sms', 'none')),
  sealed text not null,
  attempts integer not null default 0,
  next_at timestamptz not null,
  created_at timestamptz not null,
  failed_at timestamptz
);
create index if not exists outbox_next_at_idx on postern.outbox (next_at) where failed_at is null;

-- What happened, each entry chained to the one before it.
create table if not exists auth.audit_log_entries (
  instance_id uuid,
  id uuid primary key,
  payload json,
  created_at timestamptz,
  ip_address text not null default ''
);
-- The entry's own MAC from its first moment; number and link once it is sealed.
alter table auth.audit_log_entries add column if not exists mac bytea;
alter table auth.audit_log_entries add column if not exists seq bigint unique;
alter table auth.audit_log_entries add column if not exists chain bytea;
create index if not exists audit_log_entries_created_at_idx on auth.audit_log_entries (created_at);
create index if not exists audit_log_entries_waiting_idx on auth.audit_log_entries (created_at, id)
  where seq is null;

-- Where the chain of the audit log ends, signed: what is cut off its end is missed.
create table if not exists postern.audit_head (
  one boolean primary key default true check (one),
  seq bigint not null,
  chain bytea not null,
  mac bytea not null
);

-- What doctor finds and somebody chose to live with, by the words of the finding.
create table if not exists postern.ignored_findings (
  finding text primary key,
  reason text not null,
  admin_id uuid,
  admin_email text not null,
  created_at timestamptz not null
);

-- The people who run the project; they are no users of the app.
create table if not exists postern.admins (
  id uuid primary key,
  email text not null unique,
  role text not null check (role in ('owner', 'editor', 'viewer')),
  password_hash text not null,
  created_at timestamptz not null,
  banned_at timestamptz
);

-- Who of them is signed in to the console; the cookie's value is kept as a MAC only.
create table if not exists postern.admin_sessions (
  id uuid primary key,
  admin_id uuid not null references postern.admins on delete cascade,
  mac bytea not null unique,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  proved_at timestamptz not null,
  ip_address text not null,
  user_agent text not null
);
create index if not exists admin_sessions_admin_idx on postern.admin_sessions (admin_id);

-- One person's entries of the audit log, for whoever looks at that person.
create index if not exists audit_log_entries_actor_idx
  on auth.audit_log_entries ((payload ->> 'actor_id'), created_at);
create index if not exists audit_log_entries_action_idx
  on auth.audit_log_entries ((payload ->> 'action'), created_at);
create index if not exists audit_log_entries_subject_idx
  on auth.audit_log_entries ((payload -> 'traits' ->> 'user_id'), created_at);

-- Notes a revocation and tells every gateway. The service's clock comes in as a setting; SQL by
-- hand has the database's.
create or replace function postern.revoke(kind text, subject uuid) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  at_secs bigint := coalesce(
    nullif(current_setting('postern.now', true), '')::bigint,
    floor(extract(epoch from now()))::bigint);
begin
  insert into postern.revocations as known (kind, subject, at_unix_secs)
    values (revoke.kind, revoke.subject, at_secs)
    on conflict on constraint revocations_pkey
    -- Never earlier than before: gateways have heard of that already.
    do update set at_unix_secs = greatest(known.at_unix_secs, excluded.at_unix_secs),
      noted_at = now()
    returning known.at_unix_secs into at_secs;
  perform pg_notify('postern_revoked', revoke.kind || ' ' || revoke.subject || ' ' || at_secs);
end
$$;
revoke all on function postern.revoke(text, uuid) from public;

create or replace function postern.session_ended() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform postern.revoke('session', old.id);
  return null;
end
$$;

-- What of a user's metadata policies may ask: all but the list of providers, which the service
-- keeps itself. A token is not out of date because its holder has linked an identity.
create or replace function postern.said_by_the_project(metadata jsonb) returns jsonb
  language sql immutable set search_path = pg_catalog as $$
  select case jsonb_typeof(metadata)
    when 'object' then metadata - '{provider,providers}'::text[]
    else metadata
  end
$$;

create or replace function postern.user_changed() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'DELETE' then
    perform postern.revoke('user', old.id);
    return null;
  end if;
  if new.banned_until is distinct from old.banned_until
    or new.deleted_at is distinct from old.deleted_at
  then
    -- The gateway reads the row to learn which way it went.
    perform postern.revoke('user', new.id);
  end if;
  -- A user who gained a way to sign in, or gave one up, may go on with the tokens at hand: an
  -- anonymous user who confirms an address must not be thrown out by it.
  if new.role is distinct from old.role
    or postern.said_by_the_project(new.raw_app_meta_data)
      is distinct from postern.said_by_the_project(old.raw_app_meta_data)
    or (new.is_anonymous and not old.is_anonymous)
  then
    perform postern.revoke('stale', new.id);
  end if;
  return null;
end
$$;

create or replace function postern.keys_changed() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform pg_notify('postern_keys', '');
  return null;
end
$$;

do $triggers$
begin
  drop trigger if exists postern_session_ended on auth.sessions;
  create trigger postern_session_ended after delete on auth.sessions
    for each row execute function postern.session_ended();
  drop trigger if exists postern_user_changed on auth.users;
  create trigger postern_user_changed
    after delete or update of banned_until, deleted_at, role, raw_app_meta_data, is_anonymous
    on auth.users for each row execute function postern.user_changed();
  drop trigger if exists postern_keys_changed on postern.signing_keys;
  create trigger postern_keys_changed after insert or update or delete on postern.signing_keys
    for each statement execute function postern.keys_changed();
exception
  when insufficient_privilege then
    raise notice 'postern: no triggers on the tables of schema auth, which belong to somebody else';
end
$triggers$;
