create type public.order_state as enum ('open', 'paid', 'sent', 'returned');

create table public.customers (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null unique,
  city text,
  joined_on date not null default current_date
);
comment on table public.customers is 'Whoever has bought something, or wanted to';

create table public.products (
  sku text primary key,
  title text not null,
  price numeric(10, 2) not null,
  tags text[] not null default '{}',
  details jsonb,
  photo bytea
);

create table public.orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references public.customers,
  product_sku text not null references public.products,
  state public.order_state not null default 'open',
  quantity integer not null default 1 check (quantity > 0),
  note text,
  gift boolean not null default false,
  placed_at timestamptz not null default now()
);
comment on table public.orders is 'What was bought, by whom, and where it is';
comment on column public.orders.note is 'What the customer wrote to us';

create table public.import_log (line text, read_at timestamptz default now());

create view public.open_orders as
  select o.id, c.name, o.quantity from public.orders o
  join public.customers c on c.id = o.customer_id where o.state = 'open';

create schema back_office;
create table back_office.ledger (id bigint primary key, amount numeric not null, booked_on date);

insert into public.customers (name, email, city, joined_on)
select name, lower(name) || '@mail.example', city, date '2026-01-07' + place::int * 9
from unnest(
  array['Ann', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana', 'Ivo', 'June', 'Kai', 'Lena'],
  array['Graz', 'Wien', null, 'Linz', 'Graz', '', 'Wien', 'Bern', null, 'Graz', 'Linz', 'Wien']
) with ordinality as people (name, city, place);

insert into public.products values
  ('lamp-01', 'Desk lamp', 49.90, '{light,desk}', '{"watts": 7, "dimmable": true}', '\xffd8ffe0'),
  ('chair-02', 'Reading chair', 329.00, '{seat}', '{"wood": "ash"}', null),
  ('book-03', 'Blank book', 12.50, '{}', null, null),
  ('pen-04', 'Fountain pen', 38.00, '{desk,"left handed"}', '{"nib": "M"}', null);

insert into public.orders (customer_id, product_sku, state, quantity, note, gift, placed_at)
select 1 + n % 12, (array['lamp-01', 'chair-02', 'book-03', 'pen-04'])[1 + n % 4],
  (array['open', 'paid', 'sent', 'returned'])[1 + n % 3]::public.order_state, 1 + n % 5,
  case n % 6 when 0 then 'Please ring twice' when 3 then '' when 4 then repeat('A long note. ', 40) end,
  n % 9 = 0, timestamptz '2026-11-02 08:00+00' + n * interval '47 minutes'
from generate_series(1, 240) n;

insert into public.import_log (line) values ('customers.csv: 12 rows'), ('orders.csv: 240 rows');
analyze;
