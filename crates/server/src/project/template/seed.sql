-- Runs once, when `postern dev` has made the database; `postern dev --reset` starts over.
-- The authors are demo users of users.toml.

insert into public.notes (author_id, body, published) values
  ('11111111-1111-4111-8111-111111111111', 'Hello from the seed', true),
  ('11111111-1111-4111-8111-111111111111', 'A draft that only its author sees', false),
  ('22222222-2222-4222-8222-222222222222', 'Policies decide who reads this', true);
