//! The tree of a page: an arena of nodes.

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName};

/// A node's number in its tree.
pub(super) type NodeId = usize;

/// The content of a node.
pub(super) enum NodeContent {
    /// An element.
    Element {
        /// Its name, without a namespace.
        name: LocalName,
        /// Its attributes.
        attributes: Vec<Attribute>,
    },
    /// Text.
    Text(StrTendril),
    /// The document, comments, and template contents.
    Other,
}

struct Data {
    content: NodeContent,
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first: Option<NodeId>,
    last: Option<NodeId>,
}

/// The nodes of a page. The first is the document.
pub(super) struct HtmlTree {
    nodes: Vec<Data>,
}

impl HtmlTree {
    /// Makes a tree that has only the document.
    pub(super) fn new() -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.add(NodeContent::Other);
        tree
    }

    /// Returns the document.
    pub(super) fn root(&self) -> NodeRef<'_> {
        NodeRef { tree: self, id: 0 }
    }

    /// Returns a node by its number.
    pub(super) fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    /// Returns the number of nodes, including detached ones.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a node without a parent.
    pub(super) fn add(&mut self, content: NodeContent) -> NodeId {
        self.nodes.push(Data { content, parent: None, previous: None, next: None, first: None, last: None });
        self.nodes.len() - 1
    }

    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(id)?.parent
    }

    pub(super) fn previous(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(id)?.previous
    }

    pub(super) fn first(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(id)?.first
    }

    pub(super) fn last(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(id)?.last
    }

    pub(super) fn content_mut(&mut self, id: NodeId) -> Option<&mut NodeContent> {
        self.nodes.get_mut(id).map(|node| &mut node.content)
    }

    fn update(&mut self, id: Option<NodeId>, change: impl FnOnce(&mut Data)) {
        if let Some(node) = id.and_then(|id| self.nodes.get_mut(id)) {
            change(node);
        }
    }

    /// Removes a node from its parent.
    pub(super) fn detach(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(id) else { return };
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        self.update(previous, |node| node.next = next);
        self.update(next, |node| node.previous = previous);
        self.update(parent, |node| {
            if node.first == Some(id) {
                node.first = next;
            }
            if node.last == Some(id) {
                node.last = previous;
            }
        });
    }

    /// Makes all nodes of another tree the only children of a node.
    pub(super) fn graft(&mut self, parent: NodeId, other: Self) {
        while let Some(child) = self.first(parent) {
            self.detach(child);
        }
        let base = self.nodes.len();
        let moved = |id: Option<NodeId>| id.map(|id| id + base);
        self.nodes.extend(other.nodes.into_iter().map(|node| Data {
            content: node.content,
            parent: moved(node.parent),
            previous: moved(node.previous),
            next: moved(node.next),
            first: moved(node.first),
            last: moved(node.last),
        }));
        self.append(parent, base);
    }

    /// Makes a node the last child of another.
    pub(super) fn append(&mut self, parent: NodeId, child: NodeId) {
        self.detach(child);
        let last = self.last(parent);
        self.update(Some(child), |node| {
            node.parent = Some(parent);
            node.previous = last;
        });
        self.update(last, |node| node.next = Some(child));
        self.update(Some(parent), |node| {
            node.last = Some(child);
            node.first = node.first.or(Some(child));
        });
    }

    /// Puts a node before another that has a parent.
    pub(super) fn insert_before(&mut self, sibling: NodeId, child: NodeId) {
        self.detach(child);
        let Some(parent) = self.parent(sibling) else { return };
        let previous = self.previous(sibling);
        self.update(Some(child), |node| {
            node.parent = Some(parent);
            node.previous = previous;
            node.next = Some(sibling);
        });
        self.update(Some(sibling), |node| node.previous = Some(child));
        match previous {
            Some(previous) => self.update(Some(previous), |node| node.next = Some(child)),
            None => self.update(Some(parent), |node| node.first = Some(child)),
        }
    }

    /// Returns the body of a page, or the document if it has none.
    pub(super) fn body(&self) -> NodeRef<'_> {
        let children =
            |node: NodeRef<'_>, name: &str| node.children().find(|child| child.name() == Some(name)).map(|at| at.id);
        let html = children(self.root(), "html").map(|id| NodeRef { tree: self, id });
        let body = html.and_then(|html| children(html, "body"));
        NodeRef { tree: self, id: body.unwrap_or(0) }
    }
}

/// A reference to a node in its tree.
#[derive(Clone, Copy)]
pub(super) struct NodeRef<'a> {
    tree: &'a HtmlTree,
    pub(super) id: NodeId,
}

impl<'a> NodeRef<'a> {
    fn data(self) -> Option<&'a Data> {
        self.tree.nodes.get(self.id)
    }

    fn neighbour(self, id: Option<NodeId>) -> Option<Self> {
        id.map(|id| NodeRef { tree: self.tree, id })
    }

    pub(super) fn parent(self) -> Option<Self> {
        self.neighbour(self.data()?.parent)
    }

    pub(super) fn first(self) -> Option<Self> {
        self.neighbour(self.data()?.first)
    }

    pub(super) fn next(self) -> Option<Self> {
        self.neighbour(self.data()?.next)
    }

    pub(super) fn previous(self) -> Option<Self> {
        self.neighbour(self.data()?.previous)
    }

    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first(), |child| child.next())
    }

    /// Returns the name of an element; `None` for text and all else.
    pub(super) fn name(self) -> Option<&'a str> {
        match &self.data()?.content {
            NodeContent::Element { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Returns the text of a text node; `None` for all else.
    pub(super) fn text(self) -> Option<&'a str> {
        match &self.data()?.content {
            NodeContent::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let attributes = match self.data().map(|data| &data.content) {
            Some(NodeContent::Element { attributes, .. }) => attributes.as_slice(),
            _ => &[],
        };
        attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub(super) fn attribute(self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(at, _)| *at == name).map(|(_, value)| value)
    }
}
