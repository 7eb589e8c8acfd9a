-- Titles of a project, for the attack on saved queries.
-- roles: authenticated
-- param project: int8
-- param like: text
select t.id, t.title from public.tasks t where t.project_id = :project and t.title like :like
