//! A file's content: what programs see, what is durable, and what remains after a power loss.

use super::spec::Keeps;
use crate::rig::Random;

/// A disk writes a page whole or not at all.
const PAGE: usize = 4096;

/// A change of a file's content.
#[derive(Debug, Clone)]
pub(super) enum ContentChange {
    Write { offset: usize, bytes: Vec<u8> },
    Size(usize),
}

impl ContentChange {
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

/// A file's durable content, and the later changes, each with its operation's number.
#[derive(Debug, Clone, Default)]
pub(super) struct FileContent {
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<(usize, ContentChange)>,
}

impl FileContent {
    pub(super) fn visible(&self) -> Vec<u8> {
        let mut content = self.durable.clone();
        self.pending.iter().for_each(|(_, change)| change.apply(&mut content));
        content
    }

    pub(super) fn sync(&mut self, began: usize) {
        let pending = std::mem::take(&mut self.pending);
        for (at, change) in pending {
            if at < began {
                change.apply(&mut self.durable);
            } else {
                self.pending.push((at, change));
            }
        }
    }

    pub(super) fn after_power_loss(&self, keeps: Keeps, random: &mut Random) -> Vec<u8> {
        match keeps {
            Keeps::Nothing | Keeps::Names => self.durable.clone(),
            Keeps::Data => self.visible(),
            Keeps::Sizes => {
                let mut content = self.durable.clone();
                content.resize(self.visible().len(), 0);
                content
            }
            Keeps::Some => {
                let mut content = self.durable.clone();
                if self.pending.is_empty() {
                    return content;
                }
                // Each page is written or not, at random; the size may be written before all pages.
                let seen = self.visible();
                let size = if random.half() { seen.len() } else { content.len().min(seen.len()) };
                for (at, page) in seen.chunks(PAGE).enumerate() {
                    if random.half() {
                        ContentChange::Write { offset: at * PAGE, bytes: page.to_vec() }.apply(&mut content);
                    }
                }
                let size = size.max(content.len().min(seen.len()));
                content.resize(size, 0);
                content
            }
        }
    }
}
