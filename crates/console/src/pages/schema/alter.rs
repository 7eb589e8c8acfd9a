//! Changes of a table that is there.

use postern_catalog::{Relation, RelationKind};

use super::build::{self, Came, MayDestroy, Step};
use super::draft::{ColumnDraft, Draft, IndexDraft};
use super::fields::{Fields, Line, Notice, Page, Panel};
use super::plan::{self, Lists, Plan};
use crate::answer::Answer;
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::form::{Form, address};
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

/// `GET /console/tables/{table}/structure/edit`
pub(crate) async fn show(visit: &Visit) -> Answer {
    answer(visit, &visit.query, Step::Look, MayDestroy::No).await
}

/// `POST /console/tables/{table}/structure/edit`: changes under which no value goes.
pub(crate) async fn act(visit: &Visit) -> Answer {
    answer(visit, &visit.form, Step::of(visit), MayDestroy::No).await
}

/// `POST /console/tables/{table}/structure/drop`: changes under which values may go.
pub(crate) async fn destroy(visit: &Visit) -> Answer {
    answer(visit, &visit.form, Step::of(visit), MayDestroy::Yes).await
}

async fn answer(visit: &Visit, form: &Form, step: Step, may_destroy: MayDestroy) -> Answer {
    let table = Table::of(visit)?;
    let relation = table.relation()?;
    if !matches!(
        relation.kind,
        RelationKind::Table | RelationKind::Partitioned
    ) {
        return Err(Failure::Missing);
    }
    let structure = visit.console.db.structure(relation.oid).await?;
    let structure = structure.ok_or(Failure::Missing)?;
    let base = Draft::of(relation, &structure);
    let mut draft = base.clone().with(form);
    // The name of a table is no field here, whatever a form says.
    (draft.schema, draft.table) = (base.schema.clone(), base.table.clone());
    match step {
        Step::Column => draft.columns.push(ColumnDraft {
            ty: "text".into(),
            ..ColumnDraft::default()
        }),
        Step::Index => draft.indexes.push(IndexDraft::default()),
        _ => {}
    }
    let (types, targets) = build::lists(visit).await?;
    let lists = Lists {
        types: &types,
        targets: &targets,
    };
    let plan = plan::alter(&base, &draft, &structure, &lists);
    let notice = match build::act(visit, step, &plan, &relation.name, may_destroy).await? {
        Came::Done(response) => return Ok(response),
        Came::Told(notice) => Some(notice),
        Came::Nothing => None,
    };
    let status = build::status(notice.as_ref());
    let panel = panel(visit, relation, &draft.difference(&base), (plan, notice));
    if visit.wants_part() {
        return build::shown(&panel, status);
    }
    let columns = Line::all(&draft, &types);
    let fields = fields(relation, draft, columns, targets.texts());
    let chrome = Chrome::new(visit, t!("ddl.edit_title"), Spot::Tables)
        .below(tab(relation, "structure"), relation.name.name.clone());
    let page = Page {
        chrome,
        fields,
        panel,
    };
    build::shown(&page, status)
}

fn tab(relation: &Relation, name: &'static str) -> Place {
    Place::Table(relation.name.clone(), TablePage::Tab(name))
}

fn fields(relation: &Relation, draft: Draft, columns: Vec<Line>, targets: Vec<String>) -> Fields {
    Fields {
        action: tab(relation, "structure/edit").to_string(),
        back: tab(relation, "structure").to_string(),
        schemas: Vec::new(),
        columns,
        indexes: draft.indexes.iter().cloned().enumerate().collect(),
        targets,
        draft,
    }
}

fn panel(
    visit: &Visit,
    relation: &Relation,
    difference: &[(String, String)],
    (plan, notice): (Plan, Option<Notice>),
) -> Panel {
    let fields: Vec<_> = difference
        .iter()
        .map(|it| (it.0.as_str(), it.1.as_str()))
        .collect();
    let edit = tab(relation, "structure/edit").to_string();
    Panel {
        run: match plan.is_destructive {
            true => tab(relation, "structure/drop").to_string(),
            false => edit.clone(),
        },
        writes: visit.console.backstage.writes_migrations(),
        here: address(&edit, &fields),
        plan,
        notice,
    }
}
