insert into public.orders (customer_id, total_cents, placed_at)
select ('00000000-0000-4000-8000-' || lpad((n % 40)::text, 12, '0'))::uuid,
  1200 + (n * 7919) % 48000, timestamptz '2026-10-01' + n * interval '37 minutes'
from generate_series(1, 2400) as n;
