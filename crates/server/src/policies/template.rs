//! `postern policy new`: the table and the template by their names, as people write them.

use postern_base::RelationName;
use postern_catalog::{Catalog, Relation, nearest};
use postern_policy::{Template, template};

/// Writes the starter of a table; a failure says what there is instead.
pub(super) fn starter(
    catalog: &Catalog,
    default_schema: &str,
    table: &str,
    kind: &str,
) -> Result<(RelationName, String), String> {
    let relation = find(catalog, default_schema, table)?;
    let template_kind = Template::parse(kind).ok_or_else(|| no_template(kind))?;
    let text = template(template_kind, relation).ok_or_else(|| {
        format!(
            "`{}` has no column that the template `{kind}` needs (`owner` needs a uuid column such \
             as `user_id`, `team` one such as `team_id`); choose another template, or start from \
             a file of the starter library in policies/",
            relation.name
        )
    })?;
    Ok((relation.name.clone(), text))
}

fn find<'a>(catalog: &'a Catalog, schema: &str, table: &str) -> Result<&'a Relation, String> {
    let (schema, name) = table.split_once('.').unwrap_or((schema, table));
    let wanted = RelationName::new(schema, name);
    catalog.relation(&wanted).ok_or_else(|| {
        let names: Vec<_> = catalog.relations().map(|it| it.name.to_string()).collect();
        let near = nearest(&wanted.to_string(), names.iter().map(String::as_str));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("there is no table `{wanted}`{hint}")
    })
}

fn no_template(name: &str) -> String {
    let names = Template::ALL.map(Template::as_str);
    let near = nearest(name, names);
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!(
        "there is no template `{name}`{hint} (there are {})",
        names.join(", ")
    )
}
