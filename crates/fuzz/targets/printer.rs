//! Any lowered tree: what the printer makes of it is one statement, in which Postgres reads that
//! very tree.

#![no_main]

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use postern_base::{Identity, RoleName};
use postern_catalog::{Catalog, CatalogParts, Relation};
use postern_fuzz::shape::Naming;
use postern_fuzz::{grow, meaning, postgres};
use postern_policy::{Bundle, Expr};
use postern_query::{View, tool};

fuzz_target!(|data: &[u8]| {
    let mut u = Unstructured::new(data);
    if let Ok((relations, expr)) = grown(&mut u) {
        check(relations, &expr);
    }
});

fn grown(u: &mut Unstructured<'_>) -> Result<(Vec<Relation>, Expr)> {
    let relations = grow::relations(u)?;
    let expr = grow::Grower::new(&relations).expr(u)?;
    Ok((relations, expr))
}

fn check(relations: Vec<Relation>, expr: &Expr) {
    let catalog = Catalog::new(CatalogParts {
        relations,
        ..CatalogParts::default()
    });
    let (bundle, identity) = (Bundle::default(), Identity::anonymous());
    let view = View::of_role(&catalog, &bundle, &identity, RoleName::new(RoleName::ANON));
    let relation = catalog.relations().next().expect("there is one at least");
    let printed = tool::count(&view, relation, Some(expr)).expect("every tree prints");

    let read = postgres::conditions(printed.sql(), Naming::Qualified);
    let read = read.unwrap_or_else(|why| panic!("{why:?}\n{}", printed.sql()));
    let meant = meaning::shape(expr, Naming::Qualified);
    assert_eq!(read, meant, "as Postgres reads | meant\n{}", printed.sql());

    let from = postgres::subselect(printed.sql())
        .expect("read once already")
        .from_clause;
    assert_eq!(from.len(), 1, "{}", printed.sql());
}
