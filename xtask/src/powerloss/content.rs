//! A file's content: what programs see, what is safe, and what is left of it.

use super::spec::Keeps;
use crate::rig::Random;

/// What a disk writes at once.
const PAGE: usize = 4096;

/// What was done to a file.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Size(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*offset..end].copy_from_slice(bytes);
            }
            Self::Size(size) => content.resize(*size, 0),
        }
    }
}

/// A file's safe content, and what was done to it since, each with the operation's number.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    pub(super) safe: Vec<u8>,
    pub(super) since: Vec<(usize, Change)>,
}

impl Content {
    pub(super) fn seen(&self) -> Vec<u8> {
        let mut content = self.safe.clone();
        self.since.iter().for_each(|(_, change)| change.apply(&mut content));
        content
    }

    pub(super) fn sync(&mut self, began: usize) {
        let since = std::mem::take(&mut self.since);
        for (at, change) in since {
            if at < began {
                change.apply(&mut self.safe);
            } else {
                self.since.push((at, change));
            }
        }
    }

    pub(super) fn left(&self, keeps: Keeps, random: &mut Random) -> Vec<u8> {
        match keeps {
            Keeps::Nothing | Keeps::Names => self.safe.clone(),
            Keeps::Data => self.seen(),
            Keeps::Sizes => {
                let mut content = self.safe.clone();
                content.resize(self.seen().len(), 0);
                content
            }
            Keeps::Some => {
                let mut content = self.safe.clone();
                if self.since.is_empty() {
                    return content;
                }
                // Pages as they are now, each or not; the size may be ahead of all of them.
                let seen = self.seen();
                let size = if random.half() { seen.len() } else { content.len().min(seen.len()) };
                for (at, page) in seen.chunks(PAGE).enumerate() {
                    if random.half() {
                        Change::Write { offset: at * PAGE, bytes: page.to_vec() }.apply(&mut content);
                    }
                }
                let size = size.max(content.len().min(seen.len()));
                content.resize(size, 0);
                content
            }
        }
    }
}
