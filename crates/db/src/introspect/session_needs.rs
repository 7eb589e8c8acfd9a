//! Which verbs on a relation need the session path, because SQL behind them looks at the session.
//!
//! A text looks at the session when it calls `auth.…()`, reads a setting or names the current
//! user, or when it mentions a function, view or table that does so itself, at any distance. The
//! test is by words: it may see a look where there is none, which costs a little speed; it must
//! not miss one. What it cannot see into is C code, which has no business with claims.

use std::collections::{HashMap, HashSet};

use postern_catalog::SessionNeeds;
use tokio_postgres::Row;

use super::relations::bits;
use super::{get, push};
use crate::Error;

/// Words that are a look at the session by themselves.
const LOOKS: &[&str] = &[
    "current_setting",
    // What is set is read back on the session path only, and does not outlive the request there.
    "set_config",
    "current_user",
    "session_user",
    "current_role",
];

/// Works out the needs of every relation.
pub(super) fn by_relation(
    relations: &[Row],
    columns: &[Row],
    triggers: &[Row],
    sources: &[Row],
) -> Result<HashMap<u32, SessionNeeds>, Error> {
    let texts = Texts::read(relations, columns, triggers)?;
    let mut looking: HashSet<String> = HashSet::new();
    let sources: Vec<(String, Words)> = sources
        .iter()
        .map(|row| Ok((get::<String>(row, 0)?.to_lowercase(), words(get(row, 1)?))))
        .collect::<Result<_, Error>>()?;
    loop {
        let before = looking.len();
        for (name, words) in &sources {
            if looks(words, &looking) {
                looking.insert(name.clone());
            }
        }
        let needs = texts.needs(&looking);
        for relation in &texts.relations {
            if needs
                .get(&relation.oid)
                .is_some_and(|it| *it != SessionNeeds::default())
            {
                looking.insert(relation.name.to_lowercase());
            }
        }
        if looking.len() == before {
            return Ok(needs);
        }
    }
}

/// The words of a text, and whether it calls something of schema `auth`.
struct Words {
    words: HashSet<String>,
    calls_auth: bool,
}

/// Everything behind the relations that could look.
struct Texts {
    relations: Vec<RelationText>,
    defaults: HashMap<u32, Vec<(String, Words)>>,
    generated: HashMap<u32, Vec<(String, Words)>>,
    triggers: HashMap<u32, Vec<TriggerText>>,
    actions: Vec<Action>,
}

struct RelationText {
    oid: u32,
    name: String,
    definition: Option<Words>,
    rls: bool,
}

struct TriggerText {
    name: String,
    kind: i16,
    words: Words,
}

/// A referential action: a change of `from` reaches `to`.
struct Action {
    from: u32,
    to: u32,
    on_delete_deletes: bool,
    on_delete_updates: bool,
    on_update: bool,
}

impl Texts {
    fn read(relations: &[Row], columns: &[Row], triggers: &[Row]) -> Result<Self, Error> {
        let mut texts = Self {
            relations: Vec::new(),
            defaults: HashMap::new(),
            generated: HashMap::new(),
            triggers: HashMap::new(),
            actions: Vec::new(),
        };
        for row in relations {
            texts.relations.push(RelationText {
                oid: get(row, 0)?,
                name: get(row, 2)?,
                definition: get::<Option<&str>>(row, 7)?.map(words),
                rls: get(row, 8)?,
            });
        }
        for row in columns {
            if let Some(expression) = get::<Option<&str>>(row, 8)? {
                let is_generated = !get::<&str>(row, 7)?.is_empty();
                let group = if is_generated {
                    &mut texts.generated
                } else {
                    &mut texts.defaults
                };
                push(group, get(row, 0)?, (get(row, 1)?, words(expression)));
            }
        }
        for row in triggers {
            texts.read_trigger(row)?;
        }
        Ok(texts)
    }

    fn read_trigger(&mut self, row: &Row) -> Result<(), Error> {
        let reached: u32 = get(row, 5)?;
        if reached != 0 {
            let action: &str = get(row, 6)?;
            self.actions.push(Action {
                from: get(row, 0)?,
                to: reached,
                on_delete_deletes: action.contains("dc"),
                on_delete_updates: action.contains("dn") || action.contains("dd"),
                on_update: action.contains('u'),
            });
            return Ok(());
        }
        let mut text = words(get(row, 4)?);
        text.words.insert(get::<String>(row, 3)?.to_lowercase());
        let trigger = TriggerText {
            name: get(row, 1)?,
            kind: get(row, 2)?,
            words: text,
        };
        push(&mut self.triggers, get(row, 0)?, trigger);
        Ok(())
    }

    /// The needs of all relations, given the names that are known to look.
    fn needs(&self, looking: &HashSet<String>) -> HashMap<u32, SessionNeeds> {
        let mut needs: HashMap<u32, SessionNeeds> = self
            .relations
            .iter()
            .map(|relation| (relation.oid, self.needs_of(relation, looking)))
            .collect();
        // Actions reach further with every step; a chain is no longer than there are relations.
        for _ in 0..self.relations.len() {
            let changed = self.actions.iter().any(|action| action.spread(&mut needs));
            if !changed {
                break;
            }
        }
        needs
    }

    fn needs_of(&self, relation: &RelationText, looking: &HashSet<String>) -> SessionNeeds {
        if relation.rls {
            let why = "row-level security is in force for the gateway's role".to_owned();
            return every_verb(&why);
        }
        if relation
            .definition
            .as_ref()
            .is_some_and(|it| looks(it, looking))
        {
            return every_verb("the view's definition reads the session");
        }
        let generated = self
            .column_need(&self.generated, relation.oid, looking)
            .map(|column| format!("generated column `{column}` reads the session"));
        let default = self
            .column_need(&self.defaults, relation.oid, looking)
            .map(|column| format!("the default of column `{column}` reads the session"));
        let trigger = |bit| self.trigger_need(relation.oid, bit, looking);
        SessionNeeds {
            select: None,
            insert: default
                .or(generated.clone())
                .or_else(|| trigger(bits::INSERT)),
            update: generated.or_else(|| trigger(bits::UPDATE)),
            delete: trigger(bits::DELETE),
        }
    }

    fn column_need<'a>(
        &self,
        group: &'a HashMap<u32, Vec<(String, Words)>>,
        relation: u32,
        looking: &HashSet<String>,
    ) -> Option<&'a str> {
        let columns = group.get(&relation)?;
        let found = columns.iter().find(|(_, words)| looks(words, looking))?;
        Some(&found.0)
    }

    fn trigger_need(&self, relation: u32, bit: i16, looking: &HashSet<String>) -> Option<String> {
        let triggers = self.triggers.get(&relation)?;
        let found = triggers
            .iter()
            .find(|it| it.kind & bit != 0 && looks(&it.words, looking))?;
        Some(format!("trigger `{}` reads the session", found.name))
    }
}

impl Action {
    /// Hands the needs of the reached relation on; says whether that changed anything.
    fn spread(&self, needs: &mut HashMap<u32, SessionNeeds>) -> bool {
        let Some(reached) = needs.get(&self.to).cloned() else {
            return false;
        };
        let on_delete = self
            .on_delete_deletes
            .then_some(reached.delete)
            .flatten()
            .or(self
                .on_delete_updates
                .then_some(reached.update.clone())
                .flatten());
        let on_update = self.on_update.then_some(reached.update).flatten();
        let Some(own) = needs.get_mut(&self.from) else {
            return false;
        };
        let mut changed = false;
        for (verb, why) in [(&mut own.delete, on_delete), (&mut own.update, on_update)] {
            if verb.is_none() && why.is_some() {
                *verb = why.map(|it| format!("a referential action: {it}"));
                changed = true;
            }
        }
        changed
    }
}

fn every_verb(why: &str) -> SessionNeeds {
    let why = Some(why.to_owned());
    SessionNeeds {
        select: why.clone(),
        insert: why.clone(),
        update: why.clone(),
        delete: why,
    }
}

fn words(text: &str) -> Words {
    let text = text.to_lowercase().replace('"', "");
    let words = text
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    Words {
        words,
        calls_auth: calls_auth(&text),
    }
}

/// Whether `auth.<name>(` occurs, spaces allowed between.
fn calls_auth(text: &str) -> bool {
    text.match_indices("auth").any(|(at, _)| {
        let is_word = !text[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_');
        let rest = text[at + "auth".len()..].trim_start();
        let Some(rest) = rest.strip_prefix('.') else {
            return false;
        };
        let rest = rest
            .trim_start()
            .trim_start_matches(|it: char| it.is_alphanumeric() || it == '_');
        is_word && rest.trim_start().starts_with('(')
    })
}

fn looks(text: &Words, looking: &HashSet<String>) -> bool {
    text.calls_auth
        || LOOKS.iter().any(|word| text.words.contains(*word))
        || looking.iter().any(|name| text.words.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_calls_of_auth_however_they_are_written() {
        assert!(words("auth.uid()").calls_auth);
        assert!(words("(( SELECT \"auth\" . \"jwt\" () ) ->> 'x')").calls_auth);
        assert!(!words("oauth.uid()").calls_auth);
        assert!(!words("select auth.users.id from auth.users").calls_auth);
    }

    #[test]
    fn sees_settings_and_names_that_are_known_to_look() {
        let known = HashSet::from(["my_uid".to_owned()]);
        assert!(looks(
            &words("current_setting('a.b'::text)"),
            &HashSet::new()
        ));
        assert!(looks(&words("CURRENT_USER"), &HashSet::new()));
        assert!(looks(&words("public.my_uid()"), &known));
        assert!(!looks(&words("public.my_uid2()"), &known));
    }
}
