//! What the planner expects of a request under the draft, beside what is in force.

use postern_db::Trial;
use postern_query::View;
use postern_rest::RestSettings;
use postern_trial::{Cost, cost};

use super::asked::Asked;

/// From this ratio on a plan is dearer in a way that people notice.
const DEARER: f64 = 2.0;

/// The planner's costs, in words.
pub(crate) struct Effort {
    pub(crate) drafted: String,
    /// The cost in force, and how many times that is.
    pub(crate) live: Option<(String, String)>,
    pub(crate) is_dearer: bool,
    /// Tables that were read through an index and no longer are.
    pub(crate) lost: Vec<String>,
}

impl Effort {
    /// Of two plans.
    pub(super) fn of(drafted: &Cost, live: Option<&Cost>) -> Self {
        let ratio = |live: &Cost| drafted.total / live.total.max(0.01);
        let lost = live.map(|it| drafted.lost(it).map(ToOwned::to_owned).collect());
        Self {
            drafted: number(drafted.total),
            is_dearer: live.is_some_and(|it| ratio(it) >= DEARER),
            live: live.map(|it| (number(it.total), number(ratio(it)))),
            lost: lost.unwrap_or_default(),
        }
    }
}

/// The cost of a request for a caller; none where it is refused or cannot be planned.
pub(super) async fn of_request(
    trial: &Trial,
    view: &View<'_>,
    (asked, settings): (&Asked, &RestSettings),
) -> Option<Cost> {
    let statement = asked.statement(view, settings).ok()??;
    cost(trial, view, (&asked.request, &statement)).await.ok()
}

fn number(value: f64) -> String {
    match value {
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_index_and_a_higher_cost_are_told() {
        let live = Cost {
            total: 8.0,
            by_index: vec!["notes".into()],
            ..Cost::default()
        };
        let drafted = Cost {
            total: 120.4,
            read_whole: vec!["notes".into()],
            ..Cost::default()
        };

        let told = Effort::of(&drafted, Some(&live));

        assert!(told.is_dearer);
        assert_eq!(told.lost, ["notes"]);
        assert_eq!(told.live, Some(("8.0".into(), "15.1".into())));
        let same = Effort::of(&live, Some(&live));
        assert!(!same.is_dearer && same.lost.is_empty());
        assert_eq!(Effort::of(&live, None).live, None);
    }
}
