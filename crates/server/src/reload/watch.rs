//! Watching folders by looking at them: names, sizes and modification times, a few times a second.
//!
//! A project has tens of files; looking at them costs less than being told by each platform's
//! own means, works on network and container mounts alike, and sees a burst of saves as one.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;

const EVERY: Duration = Duration::from_millis(300);

/// What a folder looked like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(Vec<(PathBuf, Option<SystemTime>, u64)>);

impl Fingerprint {
    /// Looks at the files directly in a folder; a missing folder is an empty one.
    pub(super) fn of(dir: &Path) -> Self {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let metadata = entry.path().metadata().ok()?;
                Some((entry.path(), metadata.modified().ok(), metadata.len()))
            })
            .collect();
        files.sort();
        Self(files)
    }
}

/// Sends a folder's signal whenever the folder has changed, until nobody listens. All folders are
/// looked at together, so that what was saved together is told of together, in their order. What
/// they are like at the call is known already, however late the watching itself begins.
pub(super) fn watch<T: Clone>(
    folders: Vec<(PathBuf, T)>,
    signals: mpsc::Sender<T>,
) -> impl Future<Output = ()> {
    let look = |(dir, _): &(PathBuf, T)| Fingerprint::of(dir);
    let mut seen: Vec<_> = folders.iter().map(look).collect();
    async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for (folder, seen) in folders.iter().zip(&mut seen) {
                let now = look(folder);
                if now == *seen {
                    continue;
                }
                *seen = now;
                if signals.send(folder.1.clone()).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tells_of_new_changed_and_removed_files() {
        let dir = std::env::temp_dir().join(format!("postern-watch-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("a.toml");
        let (sender, mut signals) = mpsc::channel(4);
        let watcher = tokio::spawn(watch(vec![(dir.clone(), "changed")], sender));

        std::fs::write(&file, "1").unwrap();
        assert_eq!(signals.recv().await, Some("changed"));
        std::fs::write(&file, "22").unwrap();
        assert_eq!(signals.recv().await, Some("changed"));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(signals.recv().await, Some("changed"));

        watcher.abort();
        std::fs::remove_dir_all(dir).unwrap();
    }
}
