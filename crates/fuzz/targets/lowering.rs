//! A random catalogue and a predicate as an author might write it: what it is lowered to means
//! what Postgres would read in it, and so does our print of that.

#![no_main]

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use postern_base::limits::PREDICATE_DEPTH_MAX;
use postern_catalog::{Catalog, CatalogParts};
use postern_fuzz::shape::Naming;
use postern_fuzz::{author, grow, meaning, postgres};
use postern_policy::{Expr, Source, SourceFile, describe, load, toml_quoted};
use postern_query::probes;

/// Most parts of a lowered predicate.
const NODES_MAX: usize = 5_000;

fuzz_target!(|data: &[u8]| {
    let mut u = Unstructured::new(data);
    if let Ok((relations, sql)) = written(&mut u) {
        let catalog = Catalog::new(CatalogParts {
            relations,
            ..CatalogParts::default()
        });
        check(&catalog, &sql);
    }
});

fn written(u: &mut Unstructured<'_>) -> Result<(Vec<postern_catalog::Relation>, String)> {
    let relations = grow::relations(u)?;
    let tree = grow::Grower::new(&relations).expr(u)?;
    let sql = author::write(&tree, u)?;
    Ok((relations, sql))
}

fn policy(sql: &str) -> SourceFile {
    SourceFile {
        path: "policies/public.t0.toml".into(),
        text: format!(
            "table = 'public.t0'\n[columns.anon]\nselect = '*'\n\
             [[allow]]\nroles = ['anon']\nfor = ['select']\nwhere = {}\n",
            toml_quoted(sql)
        ),
    }
}

fn check(catalog: &Catalog, sql: &str) {
    let Ok(loaded) = load(&[policy(sql)], catalog, None) else {
        return;
    };
    let [fragment] = loaded.bundle.fragments() else {
        panic!("not one fragment: {sql}");
    };
    check_bounds(&fragment.expr, catalog, 1);
    let mut nodes = 0;
    fragment.expr.walk(&mut |_| nodes += 1);
    assert!(nodes <= NODES_MAX, "{nodes} nodes");

    let meant = postgres::conditions(&format!("SELECT FROM t WHERE {sql}"), Naming::Last);
    let meant = meant.unwrap_or_else(|why| panic!("loads, and Postgres says {why:?}\n{sql}"));
    let lowered = meaning::shape(&fragment.expr, Naming::Last);
    assert_eq!(lowered, meant, "lowered | as Postgres reads\n{sql}");

    let printed = probes(&loaded.bundle, catalog).expect("a loaded bundle prints");
    let printed = printed[0].1.sql();
    let read = postgres::conditions(printed, Naming::Last);
    let read = read.unwrap_or_else(|why| panic!("{why:?}\n{sql}\n{printed}"));
    assert_eq!(read, meant, "printed | as Postgres reads\n{sql}\n{printed}");

    let described = describe(&fragment.expr);
    let read = postgres::conditions(&format!("SELECT FROM t WHERE {described}"), Naming::Last);
    let read = read.unwrap_or_else(|why| panic!("{why:?}\n{sql}\n{described}"));
    assert_eq!(
        read, meant,
        "described | as Postgres reads\n{sql}\n{described}"
    );
    check_described(&described, catalog);
}

/// Every name of the tree exists, and the tree is within its limits.
fn check_bounds(expr: &Expr, catalog: &Catalog, depth: usize) {
    assert!(depth <= 2 * PREDICATE_DEPTH_MAX, "{depth} levels");
    if let Expr::Column { source, name } = expr
        && *source == Source::Row
    {
        let known = catalog.relations().any(|it| it.column(name).is_some());
        assert!(known, "column {name:?}");
    }
    for item in expr.subquery().into_iter().flat_map(|it| &it.from) {
        assert!(catalog.relation(&item.relation).is_some(), "{item:?}");
        assert!(item.alias.starts_with("pol_"), "{item:?}");
    }
    for child in expr.children() {
        check_bounds(child, catalog, depth + 1);
    }
}

/// What we tell authors of a predicate is a predicate, and stays the same.
fn check_described(text: &str, catalog: &Catalog) {
    if text.contains("pol_") {
        return;
    }
    match load(&[policy(text)], catalog, None) {
        Ok(again) => assert_eq!(describe(&again.bundle.fragments()[0].expr), text),
        // Its brackets may bring it over a limit.
        Err(found) => assert!(
            found.iter().all(|it| it.code == "predicate-limit"),
            "{text}\n{found:#?}"
        ),
    }
}
