-- What admins keep in the console: their SQL, each saved text of it under a number of its own.
create table if not exists postern.snippets (
  id uuid primary key,
  name text not null,
  version integer not null,
  created_at timestamptz not null
);
create table if not exists postern.snippet_versions (
  snippet_id uuid not null references postern.snippets on delete cascade,
  version integer not null,
  name text not null,
  body text not null,
  saved_at timestamptz not null,
  saved_by text not null,
  primary key (snippet_id, version)
);
