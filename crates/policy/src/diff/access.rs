//! What one role may do with one table by one verb, compared.

use super::{Difference, Stand, Subject, compared};
use crate::{Access, Assurance, Mask, Preset, RowLimits, describe};

/// The differences; the subject is the caller's to fill in.
pub(super) fn differences(old: Option<&Access>, new: Option<&Access>) -> Vec<Difference> {
    let mut found = Found::default();
    match (old, new) {
        (None, None) => {}
        (None, Some(_)) => found.add("verb", Stand::Widened, "not allowed", "allowed"),
        (Some(_), None) => found.add("verb", Stand::Narrowed, "allowed", "not allowed"),
        (Some(old), Some(new)) => {
            found.conditions(old, new);
            found.columns(old, new);
            found.masks(old, new);
            found.presets(old, new);
            found.settings(old, new);
            found.limits(&old.limits, &new.limits);
        }
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn add(
        &mut self,
        part: impl Into<String>,
        stand: Stand,
        before: impl Into<String>,
        after: impl Into<String>,
    ) {
        self.0.push(Difference {
            subject: Subject::Role(String::new()),
            part: part.into(),
            stand,
            before: before.into(),
            after: after.into(),
        });
    }

    fn conditions(&mut self, old: &Access, new: &Access) {
        let conditions = [
            ("rows", &old.filter, &new.filter),
            ("new rows", &old.check, &new.check),
        ];
        for (part, old, new) in conditions {
            if let Some(stand) = compared(old, new) {
                self.add(part, stand, describe(old), describe(new));
            }
        }
        let text = |it: Option<Assurance>| it.map_or("any".to_owned(), |it| it.to_string());
        if let Some(stand) = assurances(old.assurance, new.assurance) {
            self.add("sign-in", stand, text(old.assurance), text(new.assurance));
        }
    }

    fn columns(&mut self, old: &Access, new: &Access) {
        let (old, new) = (granted(old), granted(new));
        for column in new.iter().filter(|it| !old.contains(it)) {
            let part = format!("column {column}");
            self.add(part, Stand::Widened, "not granted", "granted");
        }
        for column in old.iter().filter(|it| !new.contains(it)) {
            let part = format!("column {column}");
            self.add(part, Stand::Narrowed, "granted", "not granted");
        }
    }

    fn masks(&mut self, old: &Access, new: &Access) {
        let both = |it: &&String| old.columns.contains(it) && new.columns.contains(it);
        for column in old.columns.iter().filter(both) {
            let (one, other) = (old.masks.get(column), new.masks.get(column));
            let stand = match (one, other) {
                (None, None) => None,
                (Some(_), None) => Some(Stand::Widened),
                (None, Some(_)) => Some(Stand::Narrowed),
                (Some(one), Some(other)) if describe(&one.value) == describe(&other.value) => {
                    compared(&one.unless, &other.unless)
                }
                (Some(_), Some(_)) => Some(Stand::Undecided),
            };
            if let Some(stand) = stand {
                self.add(format!("mask of {column}"), stand, mask(one), mask(other));
            }
        }
    }

    fn presets(&mut self, old: &Access, new: &Access) {
        for (column, preset) in &new.presets {
            match old.presets.get(column) {
                // The value was the client's or the database's, and is the policy's now.
                None => {
                    let part = format!("preset of {column}");
                    self.add(part, Stand::Narrowed, "none", describe(&preset.value));
                }
                Some(before) if text(before) != text(preset) => {
                    let part = format!("preset of {column}");
                    self.add(part, Stand::Undecided, text(before), text(preset));
                }
                Some(_) => {}
            }
        }
        for (column, preset) in &old.presets {
            if !new.presets.contains_key(column) {
                let part = format!("preset of {column}");
                self.add(part, Stand::Widened, text(preset), "none");
            }
        }
    }

    fn settings(&mut self, old: &Access, new: &Access) {
        for column in new
            .references
            .iter()
            .filter(|it| !old.references.contains(it))
        {
            let part = format!("reference {column}");
            self.add(part, Stand::Narrowed, "any row", "visible rows");
        }
        for column in old
            .references
            .iter()
            .filter(|it| !new.references.contains(it))
        {
            let part = format!("reference {column}");
            self.add(part, Stand::Widened, "visible rows", "any row");
        }
        let word = |it: bool| if it { "checked" } else { "not checked" };
        if old.select_check != new.select_check {
            let stand = if old.select_check {
                Stand::Widened
            } else {
                Stand::Narrowed
            };
            self.add(
                "select_check",
                stand,
                word(old.select_check),
                word(new.select_check),
            );
        }
    }

    fn limits(&mut self, old: &RowLimits, new: &RowLimits) {
        let numbers = [
            ("limit of rows", old.rows, new.rows),
            ("limit of affected rows", old.max_affected, new.max_affected),
        ];
        for (part, old, new) in numbers.into_iter().filter(|(_, old, new)| old != new) {
            let most = |it: Option<u64>| it.unwrap_or(u64::MAX);
            let stand = if most(new) > most(old) {
                Stand::Widened
            } else {
                Stand::Narrowed
            };
            let text = |it: Option<u64>| it.map_or("none".to_owned(), |it| it.to_string());
            self.add(part, stand, text(old), text(new));
        }
        let switches = [
            ("aggregates", old.aggregates, new.aggregates),
            ("exact counts", old.counts.exact, new.counts.exact),
            ("planned counts", old.counts.planned, new.counts.planned),
            (
                "estimated counts",
                old.counts.estimated,
                new.counts.estimated,
            ),
        ];
        for (part, old, new) in switches.into_iter().filter(|(_, old, new)| old != new) {
            let word = |it: bool| if it { "on" } else { "off" };
            let stand = if new { Stand::Widened } else { Stand::Narrowed };
            self.add(part, stand, word(old), word(new));
        }
    }
}

/// The granted columns, the computed ones among them.
fn granted(access: &Access) -> Vec<&String> {
    access.columns.iter().chain(&access.computed).collect()
}

fn mask(mask: Option<&Mask>) -> String {
    mask.map_or("none".to_owned(), |it| {
        format!("{} unless {}", describe(&it.value), describe(&it.unless))
    })
}

fn text(preset: &Preset) -> String {
    format!("{} ({:?})", describe(&preset.value), preset.on_conflict).to_lowercase()
}

/// How a new demand on the sign-in stands to the old one.
pub(super) fn assurances(old: Option<Assurance>, new: Option<Assurance>) -> Option<Stand> {
    let harder = |one: Option<Assurance>, other: Option<Assurance>| match (one, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => {
            let soon = |it: Assurance| it.within_secs.unwrap_or(u64::MAX);
            one.level >= other.level && soon(one) <= soon(other)
        }
    };
    match (harder(new, old), harder(old, new)) {
        (true, true) => None,
        (true, false) => Some(Stand::Narrowed),
        (false, true) => Some(Stand::Widened),
        (false, false) => Some(Stand::Undecided),
    }
}
