-- Migrations run in the order of their names, each once and in one transaction.
-- An applied file is never edited: add 0002_….sql instead.

create table public.notes (
  id bigint generated always as identity primary key,
  author_id uuid not null references auth.users (id) on delete cascade,
  body text not null check (char_length(body) between 1 and 2000),
  published boolean not null default false,
  created_at timestamptz not null default now()
);

create index notes_author_id on public.notes (author_id);
