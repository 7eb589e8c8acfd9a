-- What the people who run the project prove themselves with beside a password, and whom they are
-- acting for just now. Secrets are sealed, codes are kept as MACs.
create table if not exists postern.admin_factors (
  id uuid primary key,
  admin_id uuid not null references postern.admins on delete cascade,
  kind text not null check (kind in ('totp', 'passkey')),
  name text not null,
  sealed_secret text,
  credential_id bytea unique,
  credential jsonb,
  -- The last step of time whose code was used: none is good twice.
  last_used_step bigint,
  created_at timestamptz not null,
  -- A factor counts once its owner has shown to have it.
  verified_at timestamptz,
  last_used_at timestamptz
);
create index if not exists admin_factors_admin_idx on postern.admin_factors (admin_id);

create table if not exists postern.admin_recovery_codes (
  admin_id uuid not null references postern.admins on delete cascade,
  code_mac bytea not null,
  used_at timestamptz,
  primary key (admin_id, code_mac)
);

-- Something that an admin has begun: a sign-in whose password was right, a passkey's ceremony.
create table if not exists postern.admin_challenges (
  mac bytea primary key,
  admin_id uuid references postern.admins on delete cascade,
  purpose text not null,
  sealed_state text,
  attempts integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index if not exists admin_challenges_expires_at_idx
  on postern.admin_challenges (expires_at);

-- Sessions of users that an admin began to see what the user sees.
create table if not exists postern.impersonations (
  session_id uuid primary key references auth.sessions on delete cascade,
  admin_id uuid not null references postern.admins on delete cascade,
  admin_email text not null,
  reason text not null,
  created_at timestamptz not null,
  ends_at timestamptz not null
);
create index if not exists impersonations_admin_idx on postern.impersonations (admin_id);
