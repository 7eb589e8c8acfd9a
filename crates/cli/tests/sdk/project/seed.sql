insert into public.samples
  (id, label, note, amount, big, price, active, day, at, token, raw, doc, tags, nums, span, days,
   mood, zip, body, "Odd Name", "名前")
values
  (1, 'alpha', 'first', 10, 9007199254740993, 1.50, true, '2024-01-10', '2024-01-10T08:00:00Z',
   '00000000-0000-4000-8000-000000000001', '{"k": "one"}',
   '{"kind": "book", "n": 1, "author": {"name": "Ann"}, "list": [10, 20]}',
   '{red,green}', '{1,2,3}', '[1,10)', '[2024-01-01,2024-02-01)', 'calm', '10115',
   'The quick brown fox jumps over the lazy dog', 'one', '一'),
  (2, 'beta', null, 20, 20, 2.25, false, '2024-02-20', '2024-02-20T12:30:00Z',
   '00000000-0000-4000-8000-000000000002', '{"k": "two"}',
   '{"kind": "film", "n": 2, "author": {"name": "Bea"}, "list": [20, 30]}',
   '{green,blue}', '{2,3}', '[5,15)', '[2024-02-01,2024-03-01)', 'curious', '20095',
   'Quick brown foxes and sleepy cats', 'two', '二'),
  (3, 'gamma', 'third', 30, null, 3.00, null, '2024-03-30', '2024-03-30T23:59:59Z',
   '00000000-0000-4000-8000-000000000003', null, '{"kind": "book", "n": 3, "author": null}',
   '{blue}', '{4}', '[10,20)', '[2024-03-01,2024-04-01)', 'furious', '80331',
   'A brown dog sleeps while the fox is quick', 'three', '三'),
  (4, 'Delta', null, null, 40, null, true, null, null,
   '00000000-0000-4000-8000-000000000004', null, null,
   '{}', '{}', 'empty', null, null, null, null, null, null),
  (5, 'alpha beta', 'fifth', 50, 50, 5.75, false, '2024-05-05', '2024-05-05T05:05:05Z',
   '00000000-0000-4000-8000-000000000005', '{"k": "five"}',
   '{"kind": "song", "n": 5, "author": {"name": "Ann"}}',
   '{red}', '{1,5}', '[20,30)', '[2024-05-01,2024-06-01)', 'calm', '50667',
   'Nothing about animals here', 'five', '五'),
  (6, 'comma, (parens)', '100%_', -10, null, -6.00, null, null, null,
   '00000000-0000-4000-8000-000000000006', null, null,
   null, null, null, null, null, null, null, null, null);

insert into public.directors (id, name, born) values
  (1, 'Ava', '1960-01-01'), (2, 'Ben', '1970-02-02'), (3, 'Cho', null);

insert into public.films (id, title, year, director_id, producer_id, sequel_of, info) values
  (1, 'Dawn', 1990, 1, 2, null, '{"length": 90, "genre": "drama"}'),
  (2, 'Dawn Returns', 1995, 1, 1, 1, '{"length": 120, "genre": "drama"}'),
  (3, 'Echo', 2000, 2, null, null, '{"length": 100, "genre": "noir"}'),
  (4, 'Flare', 2010, null, 2, null, null),
  (5, 'Dawn Forever', 2012, 2, 1, 2, '{"length": 80, "genre": "comedy"}');

insert into public.film_details (film_id, tagline, budget) values
  (1, 'It begins', 1000), (2, 'It goes on', 2000), (3, 'Hear it', 3000);

insert into public.actors (id, name) values (1, 'Uma'), (2, 'Vic'), (3, 'Wes');

insert into public.roles (film_id, actor_id, character) values
  (1, 1, 'Sun'), (1, 2, 'Moon'), (2, 1, 'Sun'), (3, 2, 'Voice'), (3, 3, 'Wall');

insert into public.halls (cinema_id, number, seats) values (1, 1, 100), (1, 2, 50), (2, 1, 80);

insert into public.screenings (id, film_id, cinema_id, hall_number, day) values
  (1, 1, 1, 1, '2024-06-01'), (2, 1, 1, 2, '2024-06-02'), (3, 2, 2, 1, '2024-06-01'),
  (4, 3, 1, 1, '2024-06-03');

-- The guarded tables: Alice has the same rows, Bob has them again with every id raised by 100.
create temporary table owners (owner_id uuid, shift int);
insert into owners values
  ('a11ce000-0000-4000-8000-000000000001', 0),
  ('b0b00000-0000-4000-8000-000000000002', 100);

insert into guarded.samples
  (id, label, note, amount, big, price, active, day, at, token, raw, doc, tags, nums, span, days,
   mood, zip, body, "Odd Name", "名前", owner_id, secret)
select id + shift, label, note, amount, big, price, active, day, at, token, raw, doc, tags, nums,
  span, days, mood, zip, body, "Odd Name", "名前", owner_id, 'secret of ' || label
from public.samples, owners;
insert into guarded.directors
select id + shift, name, born, owner_id from public.directors, owners;
insert into guarded.films
select id + shift, title, year, director_id + shift, producer_id + shift, sequel_of + shift, info,
  owner_id
from public.films, owners order by id;
insert into guarded.film_details
select film_id + shift, tagline, budget, owner_id from public.film_details, owners;
insert into guarded.actors select id + shift, name, owner_id from public.actors, owners;
insert into guarded.roles
select film_id + shift, actor_id + shift, character, owner_id from public.roles, owners;
insert into guarded.halls
select cinema_id + shift, number, seats, owner_id from public.halls, owners;
insert into guarded.screenings
select id + shift, film_id + shift, cinema_id + shift, hall_number, day, owner_id
from public.screenings, owners;

insert into guarded.people (id, name, email, phone) values
  ('a11ce000-0000-4000-8000-000000000001', 'Alice', 'alice@example.com', '555-0111'),
  ('b0b00000-0000-4000-8000-000000000002', 'Bob', 'bob@example.com', '555-0122');
insert into guarded.vault (id, film_id, content) values (1, 1, 'treasure');
insert into personal.users (username, age_range, status) values
  ('supabot', '[1,2)', 'ONLINE'), ('kiwicopple', '[25,35)', 'OFFLINE');
