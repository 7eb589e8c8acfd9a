//! Changes of a table that is there.

use postern_catalog::RelationKind;

use super::build::{self, Came, MayDestroy, Step};
use super::draft::Draft;
use super::fields::{Fields, Page, Panel};
use super::plan::{self, Lists};
use crate::answer::Answer;
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::form::Form;
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
    // A table stays in its schema, whatever a form says.
    draft.schema.clone_from(&base.schema);
    draft.grow(step);
    let (types, targets) = build::lists(visit).await?;
    let lists = Lists {
        types: &types,
        targets: &targets,
    };
    let is_taken = table.snapshot().catalog.relation(&draft.name()).is_some();
    let plan = plan::alter(&base, &draft, &structure, &lists, is_taken);
    let notice = match build::act(visit, step, &plan, &relation.name, may_destroy).await? {
        Came::Done(response) => return Ok(response),
        Came::Told(notice) => Some(notice),
        Came::Nothing => None,
    };
    let status = build::status(notice.as_ref());
    let tab = |name| Place::Table(relation.name.clone(), TablePage::Tab(name));
    let action = tab("structure/edit");
    let run = match plan.is_destructive {
        true => tab("structure/drop"),
        false => action.clone(),
    };
    let difference = draft.difference(&base);
    let panel = Panel::of(visit, (&action, &run), &difference, (plan, notice));
    if visit.wants_part() {
        return build::shown(&panel, status);
    }
    let back = tab("structure");
    let chrome = Chrome::new(visit, t!("ddl.edit_title"), Spot::Tables)
        .below(back.clone(), relation.name.name.clone());
    let page = Page {
        chrome,
        fields: Fields::of(draft, &action, &back, &lists),
        panel,
    };
    build::shown(&page, status)
}
