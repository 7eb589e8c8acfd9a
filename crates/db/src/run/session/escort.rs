//! What travels with a session's statement, under one Sync: its settings, and what undoes them.

use super::settings::Values;
use crate::connect::Companions;
use crate::internal::Internal;

/// The prepared statement that sets everything.
const SET: &str = "postern_set";

/// BEGIN and COMMIT, prepared as well: to parse them takes longer than to run them.
const BEGIN: &str = "postern_begin";
const COMMIT: &str = "postern_commit";
/// The statements that SQL has prepared; see [`super::ending`].
const RESPONSE: &str = "postern_response";
const UNLOCK: &str = "postern_unlock";

/// The companions of the statements of a session that rests in a role.
#[derive(Debug, Default)]
pub(super) struct Escort {
    /// Prepare by name what the others run.
    pub(super) preparing: Companions,
    /// Undo what came of a read, inside of its transaction. Nothing runs later than they do: a
    /// READ ONLY transaction has no deferred triggers.
    pub(super) undoing: Companions,
    /// Ask what the answer is to look like, commit, and undo what came of it.
    pub(super) committing: Companions,
}

impl Escort {
    /// Companions that undo everything by these statements; the first only where something may
    /// have been written.
    pub(super) fn new<'a>(discard: &'a str, undo: impl Iterator<Item = &'a str>) -> Self {
        let mut escort = Self::default();
        let preparing = &mut escort.preparing;
        preparing.prepare(SET, Internal::SetNativeRequest.sql());
        preparing.prepare(BEGIN, "begin");
        preparing.prepare(COMMIT, "commit");
        preparing.prepare("postern_discard", discard);

        let committing = &mut escort.committing;
        committing.run(RESPONSE, &[]);
        committing.run(COMMIT, &[]);
        committing.commits_here();
        committing.run("postern_discard", &[]);
        for (index, sql) in undo.enumerate() {
            let name = format!("postern_undo_{index}");
            preparing.prepare(&name, sql);
            escort.undoing.run(&name, &[]);
            committing.run(&name, &[]);
        }
        committing.run(UNLOCK, &[]);
        escort
    }
}

/// The companions that go before a statement: BEGIN, if there is one, and the settings.
pub(super) fn setting(opening: Option<&str>, values: &Values<'_>) -> Companions {
    let mut companions = Companions::default();
    match opening {
        None => {}
        Some("begin") => companions.run(BEGIN, &[]),
        Some(other) => companions.run_text(other),
    }
    companions.run(SET, values);
    companions
}
