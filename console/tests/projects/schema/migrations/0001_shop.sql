create table public.customers (
  id bigint generated always as identity primary key,
  email text not null unique,
  name text not null,
  city text,
  created_at timestamptz not null default now()
);
comment on table public.customers is 'Whoever has bought something, or asked for an offer';

create type public.order_state as enum ('open', 'paid', 'sent', 'returned');

create table public.orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references public.customers (id) on delete restrict,
  state public.order_state not null default 'open',
  total_cents integer not null check (total_cents >= 0),
  vat_cents integer generated always as (total_cents / 6) stored,
  note text,
  placed_at timestamptz not null default now(),
  is_gift boolean not null default false
);
create index orders_open on public.orders (placed_at desc) where state = 'open';
create index on public.orders (customer_id);
comment on column public.orders.vat_cents is 'Included in the total';
comment on column public.orders.note is 'For whoever packs it';

create table public.order_lines (
  order_id bigint not null references public.orders (id) on delete cascade,
  line integer not null,
  article text not null,
  quantity integer not null default 1 check (quantity > 0),
  primary key (order_id, line)
);

create function public.touch() returns trigger language plpgsql as $$
begin
  new.note := trim(new.note);
  return new;
end
$$;
create trigger orders_touch before insert or update on public.orders
  for each row execute function public.touch();
