-- 100,000 users and 100,000 entries of the audit log, for the pages of the console.
insert into auth.users (id, email, phone, created_at, updated_at, email_confirmed_at,
  last_sign_in_at, banned_until, raw_app_meta_data)
select gen_random_uuid(), 'user' || lpad(n::text, 7, '0') || '@mail.example',
  case when n % 50 = 0 then '4366' || lpad(n::text, 8, '0') end,
  now() - n * interval '1 minute', now(),
  case when n % 10 > 0 then now() end,
  case when n % 7 > 0 then now() - (n % 997) * interval '1 hour' end,
  case when n % 100 = 1 then now() + interval '100 years' end,
  '{"provider": "email", "providers": ["email"]}'
from generate_series(1, 100000) n;

-- Numbered far behind what the server itself seals meanwhile.
insert into auth.audit_log_entries (id, payload, created_at, ip_address, mac, seq, chain)
select gen_random_uuid(),
  json_build_object('action', (array['login', 'token_refreshed', 'logout', 'user_modified'])[1 + n % 4],
    'actor_id', u.id, 'actor_username', u.email, 'log_type', 'account', 'traits', json_build_object()),
  now() - n * interval '30 seconds', '127.0.0.1', '\x00', 1000000000 + n, '\x00'
from (select id, email, row_number() over (order by created_at desc) as n from auth.users) u;
