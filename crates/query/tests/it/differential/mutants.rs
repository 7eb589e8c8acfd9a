//! Every protection taken out alone: of the rewriter, or of the policy files.

use postern_query::Rules;

use super::world::Without;

/// A protection that is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) removal: Removal,
}

/// How it is taken out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Removal {
    /// Of the rewriter.
    Rule(fn(&mut Rules)),
    /// Of the files that it is given.
    Files(Without),
}

const fn rule(name: &'static str, remove: fn(&mut Rules)) -> Mutant {
    Mutant {
        name,
        removal: Removal::Rule(remove),
    }
}

const fn files(name: &'static str, without: Without) -> Mutant {
    Mutant {
        name,
        removal: Removal::Files(without),
    }
}

/// All mutants.
pub(crate) const MUTANTS: [Mutant; 27] = [
    rule("read_filter", |it| it.read_filter = false),
    rule("count_filter", |it| it.count_filter = false),
    rule("embed_filter", |it| it.embed_filter = false),
    rule("junction_filter", |it| it.junction_filter = false),
    rule("masks", |it| it.masks = false),
    rule("leak_guard", |it| it.leak_guard = false),
    rule("insert_check", |it| it.insert_check = false),
    rule("insert_defaults", |it| it.insert_defaults = false),
    rule("insert_select_check", |it| it.insert_select_check = false),
    rule("update_filter", |it| it.update_filter = false),
    rule("update_check", |it| it.update_check = false),
    rule("write_select_filter", |it| it.write_select_filter = false),
    rule("update_select_check", |it| it.update_select_check = false),
    rule("delete_filter", |it| it.delete_filter = false),
    rule("upsert_old_row", |it| it.upsert_old_row = false),
    rule("upsert_proposed_row", |it| it.upsert_proposed_row = false),
    rule("upsert_check", |it| it.upsert_check = false),
    rule("upsert_select_check", |it| it.upsert_select_check = false),
    rule("post_check", |it| it.post_check = false),
    rule("references", |it| it.references = false),
    rule("call_filter", |it| it.call_filter = false),
    rule("caller_scope", |it| it.caller_scope = false),
    files("require rules", Without::Requires),
    files("deny rules", Without::Denies),
    files("presets", Without::Presets),
    files("column grants", Without::ColumnGrants),
    files("function grants", Without::FunctionGrants),
];

impl Mutant {
    /// The rules that are left.
    pub(crate) fn rules(&self) -> Rules {
        let mut rules = Rules::ALL;
        if let Removal::Rule(remove) = self.removal {
            remove(&mut rules);
        }
        rules
    }

    /// What the files are without.
    pub(crate) fn without(&self) -> Without {
        match self.removal {
            Removal::Rule(_) => Without::Nothing,
            Removal::Files(without) => without,
        }
    }
}
