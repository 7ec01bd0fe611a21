//! The steps from each record format to the next, in order. Each has a folder in `migrations/`.

use crate::error::Result;

#[path = "../../migrations/v0002_places/step.rs"]
mod v0002_places;
#[path = "../../migrations/v0003_identity/step.rs"]
mod v0003_identity;

use super::keys;
use super::tree::{Batch, Tree};

/// A step from one format to the next. It reads and writes with codecs frozen in its own file, never with today's.
pub(super) struct MigrationStep {
    /// The format that it converts. The result has the next format.
    pub(super) from: u32,
    /// Adds the changes to the batch that convert the store to the next format.
    pub(super) rewrite: fn(&Tree, &mut Batch) -> Result<()>,
}

/// All steps, the oldest first: one for each format from `FORMAT_OLDEST` up to the one before `FORMAT_CURRENT`.
pub(super) const STEPS: &[MigrationStep] = &[
    MigrationStep { from: 1, rewrite: v0002_places::rewrite },
    MigrationStep { from: 2, rewrite: v0003_identity::rewrite },
];

/// Applies the steps from format `found` on, each in one batch with its new format number: after a crash the store has
/// either the old or the new format. Returns the last format.
pub(super) fn run(tree: &Tree, steps: &[MigrationStep], found: u32) -> Result<u32> {
    let mut format = found;
    for step in steps.iter().filter(|step| step.from >= found) {
        let mut batch = Batch::default();
        (step.rewrite)(tree, &mut batch)?;
        format = step.from + 1;
        batch.insert(keys::FORMAT, &format.to_le_bytes());
        tree.apply(batch)?;
        tree.flush()?;
    }
    Ok(format)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::super::format::{FORMAT_CURRENT, FORMAT_OLDEST};
    use super::*;

    #[test]
    fn migration_steps_lead_from_the_oldest_to_the_current_format() {
        let starts: Vec<u32> = STEPS.iter().map(|step| step.from).collect();
        assert_eq!(starts, (FORMAT_OLDEST..FORMAT_CURRENT).collect::<Vec<_>>());
    }

    #[test]
    fn migration_steps_run_in_order_from_the_found_format() {
        fn append(tree: &Tree, batch: &mut Batch, byte: u8) -> Result<()> {
            let mut value = tree.get(b"\x01trail")?.map(|v| v.to_vec()).unwrap_or_default();
            value.push(byte);
            batch.insert(b"\x01trail", value);
            Ok(())
        }
        let steps = [
            MigrationStep { from: 1, rewrite: |tree, batch| append(tree, batch, b'a') },
            MigrationStep { from: 2, rewrite: |tree, batch| append(tree, batch, b'b') },
            MigrationStep { from: 3, rewrite: |tree, batch| append(tree, batch, b'c') },
        ];
        let dir = tempfile::tempdir().unwrap();
        let tree = Tree::open(dir.path()).unwrap();
        assert_eq!(run(&tree, &steps, 2).unwrap(), 4);
        assert_eq!(tree.get(b"\x01trail").unwrap().unwrap(), b"bc");
        assert_eq!(tree.get(keys::FORMAT).unwrap().unwrap(), &4u32.to_le_bytes());
        assert_eq!(run(&tree, &steps, 4).unwrap(), 4);
    }
}
