create table public.notes (
  id bigint generated always as identity primary key,
  owner_id uuid not null,
  body text not null,
  created_at timestamptz not null default now()
);

create table public.orders (
  id bigint generated always as identity primary key,
  customer_id uuid not null,
  total_cents integer not null,
  placed_at timestamptz not null default now()
);
