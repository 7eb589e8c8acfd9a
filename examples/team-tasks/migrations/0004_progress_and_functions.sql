-- A view for dashboards and the functions that clients may call.
--
-- A view is a relation of its own for the gateway: it has its own policy file, and nothing of
-- its base tables' policies is inherited silently.

create view public.project_progress as
select
  p.id                                                       as project_id,
  p.team_id,
  p.name                                                     as project_name,
  count(t.id)                                                as tasks,
  count(t.id) filter (where t.status = 'done')               as done,
  count(t.id) filter (where t.status <> 'done' and t.due_on < current_date) as overdue
from public.projects p
left join public.tasks t on t.project_id = p.id
group by p.id;

comment on view public.project_progress is 'How far each project has come.';

-- Read-only, so it may be called with GET as well.
create function public.my_dashboard()
returns table (team_id bigint, team_name text, open_tasks bigint, overdue_tasks bigint, mine bigint)
language sql
stable
set search_path = ''
as $$
  select
    te.id,
    te.name,
    count(ta.id) filter (where ta.status <> 'done'),
    count(ta.id) filter (where ta.status <> 'done' and ta.due_on < current_date),
    count(ta.id) filter (where ta.status <> 'done' and ta.assignee_id = auth.uid())
  from public.members m
  join public.teams te on te.id = m.team_id
  left join public.projects p on p.team_id = te.id
  left join public.tasks ta on ta.project_id = p.id
  where m.user_id = auth.uid()
  group by te.id
  order by te.name
$$;

comment on function public.my_dashboard() is 'The caller''s teams with their open and overdue work.';

-- Marks a task as done and, when a note is given, says so in a comment. Who may call it for which
-- task is written in policies/functions.toml.
create function public.complete_task(task_id bigint, note text default null)
returns setof public.tasks
language plpgsql
set search_path = ''
as $$
begin
  if note is not null then
    insert into public.comments (task_id, author_id, body)
    values (complete_task.task_id, auth.uid(), note);
  end if;
  return query
    update public.tasks t
    set status = 'done', updated_at = now()
    where t.id = complete_task.task_id
    returning t.*;
end
$$;

comment on function public.complete_task(bigint, text) is 'Marks a task as done, with an optional closing note.';
