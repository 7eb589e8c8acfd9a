alter table public.profiles drop constraint profiles_id_fkey;
insert into public.profiles (id, username, full_name) values
  ('a0000000-0000-4000-8000-000000000001', 'alice', 'Alice'),
  ('b0000000-0000-4000-8000-000000000002', 'bobby', 'Bob'),
  ('c0000000-0000-4000-8000-000000000003', 'carol', 'Carol');
insert into public.teams (name, slug) values ('Harbour', 'harbour'), ('Lantern', 'lantern');
insert into public.members (team_id, user_id, role) values
  (1, 'a0000000-0000-4000-8000-000000000001', 'admin'),
  (1, 'b0000000-0000-4000-8000-000000000002', 'member'),
  (2, 'b0000000-0000-4000-8000-000000000002', 'admin');
insert into public.projects (team_id, name, is_public, archived_at, created_by) values
  (1, 'App', false, null, 'a0000000-0000-4000-8000-000000000001'),
  (1, 'Old', false, now(), 'a0000000-0000-4000-8000-000000000001'),
  (2, 'Reader', true, null, 'b0000000-0000-4000-8000-000000000002');
insert into public.tasks (project_id, title, created_by) values
  (1, 'First task', 'a0000000-0000-4000-8000-000000000001'),
  (2, 'Archived task', 'a0000000-0000-4000-8000-000000000001'),
  (3, 'Public task', 'b0000000-0000-4000-8000-000000000002');
insert into public.comments (task_id, author_id, body) values
  (1, 'b0000000-0000-4000-8000-000000000002', 'A comment'),
  (3, 'b0000000-0000-4000-8000-000000000002', 'Another');
insert into public.labels (team_id, name) values (1, 'bug'), (2, 'idea');
insert into public.task_labels values (3, 2);
