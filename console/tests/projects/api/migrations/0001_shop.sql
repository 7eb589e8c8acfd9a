create type public.order_state as enum ('open', 'it''s "paid"', 'sent $HOME `id` \n');

create table public.customers (
  id bigint generated always as identity primary key,
  name text not null,
  email text,
  city text
);
comment on table public.customers is 'Whoever has bought something';

create table public.orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references public.customers on delete cascade,
  state public.order_state not null,
  note text,
  gift boolean not null default false,
  tags text[],
  details jsonb,
  placed_at timestamptz not null default now()
);
comment on table public.orders is 'What was bought, by whom, and where it is';
comment on column public.orders.note is 'What the customer wrote to us';

create table public.parcels (
  id uuid primary key,
  label text not null,
  weight numeric(10, 2) not null,
  sent_on date not null,
  sent_at timestamptz not null,
  sender inet not null,
  pickup tstzrange not null,
  code varchar(3) not null,
  state public.order_state not null,
  scan bytea not null,
  extras jsonb not null,
  tags text[] not null
);

create table public.seats (hall text, seat int, guest text, primary key (hall, seat));

create table public.import_log (line text not null, read_at timestamptz default now());

create view public.open_orders as
  select o.id, c.name, o.note from public.orders o
  join public.customers c on c.id = o.customer_id where o.state = 'open';

create table public."it's a ""table"" & größe $HOME `id` ${x} \(y) #1?" (
  "select" int primary key,
  "a b" text,
  "it's, ""odd"":(x)\" text,
  "größe" text,
  "__proto__" text,
  "$HOME `id` ${x} \(y)" text not null
);

create schema "back office";
create table "back office".ledger (
  id int primary key,
  amount numeric not null,
  booked_on date
);

insert into public.customers (name, email, city)
values ('Ann', 'ann@mail.example', 'Graz'), ('Ben', 'ben@mail.example', null);
insert into public.orders (customer_id, state, note)
select 1 + n % 2, 'open', 'Please ring twice' from generate_series(1, 20) n;
insert into public.import_log (line) values ('customers.csv: 2 rows');
