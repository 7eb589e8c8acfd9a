//! How many requests there were over time.

/// Most slots of a timeline.
const SLOTS_MAX: i64 = 60;
/// How long a slot may be, in seconds: lengths that people read off a clock.
const STEPS: [i64; 12] = [
    1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 43_200, 86_400,
];

/// Requests over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The second in which the first slot begins.
    pub from: i64,
    /// How long a slot is, in seconds.
    pub step: i64,
    /// The slots, one behind the other; the last one holds now.
    pub slots: Vec<Slot>,
}

/// The requests of one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// All of them.
    pub answered: u64,
    /// Those that told the client off (4xx).
    pub refused: u64,
    /// Those that were our fault (5xx).
    pub failed: u64,
}

impl Timeline {
    /// The requests of these seconds and statuses, from a second on, or else from the first; a line
    /// that nobody asked for has its full width, so that a young log is not a few wide bars.
    pub(super) fn of(requests: &[(i64, u16)], since: Option<i64>, now: i64) -> Self {
        let first = requests.iter().map(|(at, _)| *at).min();
        let first = since.or(first).unwrap_or(now).min(now);
        let last = STEPS[STEPS.len() - 1];
        let fits = |step: &i64| now.div_euclid(*step) - first.div_euclid(*step) < SLOTS_MAX;
        let step = STEPS.into_iter().find(fits).unwrap_or(last);
        let slots = match since {
            Some(_) => (now.div_euclid(step) - first.div_euclid(step) + 1).min(SLOTS_MAX),
            None => SLOTS_MAX,
        };
        let from = (now.div_euclid(step) + 1 - slots) * step;
        let mut counted = vec![Slot::default(); usize::try_from(slots).unwrap_or_default()];
        for (at, status) in requests {
            // A clock that was set back makes requests of the future: they are of now.
            let index = (*at).min(now).saturating_sub(from).div_euclid(step);
            let slot = usize::try_from(index)
                .ok()
                .and_then(|it| counted.get_mut(it));
            if let Some(slot) = slot {
                slot.count(*status);
            }
        }
        Self {
            from,
            step,
            slots: counted,
        }
    }
}

impl Slot {
    fn count(&mut self, status: u16) {
        self.answered += 1;
        match status {
            400..500 => self.refused += 1,
            500.. => self.failed += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_as_short_as_the_time_allows() {
        for (first, now, step, slots) in [
            (1_000_000, 1_000_000, 1, 1),
            (0, 300, 10, 31),
            (1_000_000, 1_000_059, 1, 60),
            (1_000_000, 1_000_060, 5, 13),
            (999_960, 1_003_500, 60, 60),
            (0, 86_400 * 30, 86_400, 31),
        ] {
            let line = Timeline::of(&[(first, 200)], Some(first), now);
            assert_eq!(
                (line.step, line.slots.len()),
                (step, slots),
                "{first} {now}"
            );
            let end = line.from + line.step * i64::try_from(line.slots.len()).unwrap();
            assert!(line.from <= now && now < end, "{line:?}");
        }
    }

    #[test]
    fn requests_are_counted_where_they_belong() {
        let line = Timeline::of(&[(100, 200), (100, 404), (103, 500), (900, 200)], None, 104);

        let slot = |answered, refused, failed| Slot {
            answered,
            refused,
            failed,
        };
        assert_eq!((line.from, line.step, line.slots.len()), (45, 1, 60));
        assert_eq!(line.slots[55], slot(2, 1, 0));
        assert_eq!(line.slots[58], slot(1, 0, 1));
        assert_eq!(line.slots[59], slot(1, 0, 0));
    }

    #[test]
    fn what_is_older_than_the_longest_line_is_left_out() {
        let now = 86_400 * 1000;
        let line = Timeline::of(&[(0, 200), (now, 200)], None, now);

        assert_eq!(line.slots.len(), 60);
        assert_eq!(line.slots.iter().map(|it| it.answered).sum::<u64>(), 1);
    }

    #[test]
    fn an_asked_for_time_is_shown_whole() {
        let line = Timeline::of(&[(3_500, 200)], Some(300), 3_600);

        assert_eq!((line.from, line.step), (300, 60));
        assert_eq!(line.slots.len(), 56);
        assert_eq!(Timeline::of(&[], Some(7), 7).slots, [Slot::default()]);
    }
}
