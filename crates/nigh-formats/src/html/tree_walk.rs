//! A walk through the tree of a page, and searches that use it. It needs no stack, so deep trees cannot overflow one.

use super::tree::{HtmlTree, NodeId, NodeRef};

/// A step of a depth-first walk through a tree.
#[derive(Clone, Copy)]
pub(super) enum WalkStep<'a> {
    /// Into a node, before its children.
    Enter(NodeRef<'a>),
    /// Out of a node, after its children.
    Leave(NodeRef<'a>),
}

/// A walk through a node and all below it, depth first, in constant memory.
pub(super) struct TreeWalk<'a> {
    root: NodeRef<'a>,
    last: Option<WalkStep<'a>>,
    skip: bool,
}

impl<'a> TreeWalk<'a> {
    pub(super) fn new(root: NodeRef<'a>) -> Self {
        Self { root, last: None, skip: false }
    }

    /// Skips the children of the node that was just entered.
    pub(super) fn skip_children(&mut self) {
        self.skip = true;
    }
}

impl<'a> Iterator for TreeWalk<'a> {
    type Item = WalkStep<'a>;

    fn next(&mut self) -> Option<WalkStep<'a>> {
        let next = match self.last {
            None => WalkStep::Enter(self.root),
            Some(WalkStep::Enter(node)) => match node.first() {
                Some(child) if !self.skip => WalkStep::Enter(child),
                _ => WalkStep::Leave(node),
            },
            Some(WalkStep::Leave(node)) if node.id == self.root.id => return None,
            Some(WalkStep::Leave(node)) => match node.next() {
                Some(sibling) => WalkStep::Enter(sibling),
                None => WalkStep::Leave(node.parent()?),
            },
        };
        self.skip = false;
        self.last = Some(next);
        Some(next)
    }
}

impl HtmlTree {
    /// Returns the frames that contain their page, and these pages.
    pub(super) fn frames(&self) -> Vec<(NodeId, String)> {
        let frames = TreeWalk::new(self.root()).filter_map(|step| match step {
            WalkStep::Enter(node) if node.name() == Some("iframe") => {
                Some((node.id, node.attribute("srcdoc")?.to_owned()))
            }
            _ => None,
        });
        frames.collect()
    }
}

impl NodeRef<'_> {
    /// Returns all text below, as it is written.
    pub(super) fn all_text(self) -> String {
        let text = |step| if let WalkStep::Enter(node) = step { node.text() } else { None };
        TreeWalk::new(self).filter_map(text).collect()
    }

    /// True if an element of this name is below.
    pub(super) fn has(self, name: &str) -> bool {
        TreeWalk::new(self).any(|step| matches!(step, WalkStep::Enter(node) if node.name() == Some(name)))
    }
}
