-- The schemas: `public` is open to everybody, `guarded` holds the same tables under strict
-- policies, `personal` shows a second profile.
create schema guarded;
create schema personal;

create type public.mood as enum ('calm', 'curious', 'furious');
create domain public.zip_code as text check (value ~ '^[0-9]{5}$');
