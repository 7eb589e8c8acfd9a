//! Common passwords and hints, by zxcvbn's dictionaries and patterns.
//!
//! Only the whole password is judged: it is refused when it *is* one dictionary entry or one
//! pattern, also reversed or with look-alike digits. The score of a longer one is an opinion and
//! refuses nothing; it only speaks through [`hint`].

use postern_base::Secret;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Match, Score, zxcvbn};

use super::context;
use crate::prepare::prepare;

/// zxcvbn reads no more than this.
const CHARS_MAX: usize = 100;
/// Most work that we let zxcvbn do; near the cost of hashing the password.
const WORK_MAX: usize = 100_000;
/// Letters with several look-alikes; zxcvbn tries all combinations of those that occur.
const LOOK_ALIKES: [&str; 7] = ["4@", "({[<", "69", "1!|", "1|7", "$5", "+7"];

/// What the password is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// One entry of the lists, or one simple pattern.
    Common,
    /// Little more than words of the context, if in disguise.
    Context,
    /// Neither.
    Other,
}

/// English advice on how to make the password harder to guess; `None` if it is hard already.
pub fn hint(password: &Secret<String>, context: &[&str]) -> Option<String> {
    let words = context::words(&[], context);
    let entropy = estimate(&prepare(password.expose()), &words)?;
    entropy
        .feedback()
        .map(ToString::to_string)
        .filter(|text| !text.is_empty())
}

/// Judges the whole password.
pub(super) fn whole(password: &str, words: &[String]) -> Whole {
    let Some(entropy) = estimate(password, words) else {
        return Whole::Other;
    };
    let of_context = |found: &&Match| match &found.pattern {
        MatchPattern::Dictionary(entry) => words.contains(&entry.matched_word),
        _ => false,
    };
    let covered: usize = entropy
        .sequence()
        .iter()
        .filter(of_context)
        .map(|found| found.token.chars().count())
        .sum();
    let rest = password.chars().count().saturating_sub(covered);
    if covered > 0 && rest < context::REST_CHARS_MIN {
        return Whole::Context;
    }
    match entropy.sequence() {
        [only] if matches!(only.pattern, MatchPattern::BruteForce) => Whole::Other,
        [_] if entropy.score() <= Score::One => Whole::Common,
        _ => Whole::Other,
    }
}

/// Runs zxcvbn, unless the password is built to make that slow.
///
/// SECURITY: its time grows with the square of the length times the combinations of look-alikes:
/// a second for a hundred symbols, at an endpoint that anybody may call. Such a password is no
/// dictionary word, so nothing is lost by not looking.
fn estimate(password: &str, words: &[String]) -> Option<Entropy> {
    let chars = password.chars().count();
    if chars > CHARS_MAX {
        return None;
    }
    let combinations: usize = LOOK_ALIKES
        .iter()
        .map(|signs| {
            signs
                .chars()
                .filter(|sign| password.contains(*sign))
                .count()
                .max(1)
        })
        .product();
    if chars * chars * combinations > WORK_MAX {
        return None;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(zxcvbn(password, &words))
}
