//! The tree of a page: an arena of nodes, and a walk that needs no stack, so that no depth can overflow one.

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName};

/// A node's number in its tree.
pub(super) type Id = usize;

/// What a node is.
pub(super) enum Content {
    /// An element.
    Element {
        /// Its name, without a namespace.
        name: LocalName,
        /// Its attributes.
        attributes: Vec<Attribute>,
    },
    /// Text.
    Text(StrTendril),
    /// The document, comments, and what templates hold.
    Other,
}

struct Data {
    content: Content,
    parent: Option<Id>,
    previous: Option<Id>,
    next: Option<Id>,
    first: Option<Id>,
    last: Option<Id>,
}

/// The nodes of a page. The first is the document.
pub(super) struct Tree {
    nodes: Vec<Data>,
}

impl Tree {
    /// A tree of nothing but the document.
    pub(super) fn new() -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.add(Content::Other);
        tree
    }

    /// The document.
    pub(super) fn root(&self) -> Node<'_> {
        Node { tree: self, id: 0 }
    }

    /// A node by its number.
    pub(super) fn node(&self, id: Id) -> Node<'_> {
        Node { tree: self, id }
    }

    /// How many nodes there are, detached ones counted.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A new node without a parent.
    pub(super) fn add(&mut self, content: Content) -> Id {
        self.nodes.push(Data { content, parent: None, previous: None, next: None, first: None, last: None });
        self.nodes.len() - 1
    }

    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        self.nodes.get(id)?.parent
    }

    pub(super) fn previous(&self, id: Id) -> Option<Id> {
        self.nodes.get(id)?.previous
    }

    pub(super) fn first(&self, id: Id) -> Option<Id> {
        self.nodes.get(id)?.first
    }

    pub(super) fn last(&self, id: Id) -> Option<Id> {
        self.nodes.get(id)?.last
    }

    pub(super) fn content_mut(&mut self, id: Id) -> Option<&mut Content> {
        self.nodes.get_mut(id).map(|node| &mut node.content)
    }

    fn update(&mut self, id: Option<Id>, change: impl FnOnce(&mut Data)) {
        if let Some(node) = id.and_then(|id| self.nodes.get_mut(id)) {
            change(node);
        }
    }

    /// Takes a node from its parent.
    pub(super) fn detach(&mut self, id: Id) {
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
    pub(super) fn graft(&mut self, parent: Id, other: Self) {
        while let Some(child) = self.first(parent) {
            self.detach(child);
        }
        let base = self.nodes.len();
        let moved = |id: Option<Id>| id.map(|id| id + base);
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
    pub(super) fn append(&mut self, parent: Id, child: Id) {
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
    pub(super) fn insert_before(&mut self, sibling: Id, child: Id) {
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

    /// The frames that have their page with them, and these pages.
    pub(super) fn frames(&self) -> Vec<(Id, String)> {
        let frames = Walk::new(self.root()).filter_map(|step| match step {
            Step::Enter(node) if node.name() == Some("iframe") => Some((node.id, node.attribute("srcdoc")?.to_owned())),
            _ => None,
        });
        frames.collect()
    }

    /// The body of a page, or all of it.
    pub(super) fn body(&self) -> Node<'_> {
        let children =
            |node: Node<'_>, name: &str| node.children().find(|child| child.name() == Some(name)).map(|at| at.id);
        let html = children(self.root(), "html").map(|id| Node { tree: self, id });
        let body = html.and_then(|html| children(html, "body"));
        Node { tree: self, id: body.unwrap_or(0) }
    }
}

/// A node to be read.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    tree: &'a Tree,
    pub(super) id: Id,
}

impl<'a> Node<'a> {
    fn data(self) -> Option<&'a Data> {
        self.tree.nodes.get(self.id)
    }

    fn at(self, id: Option<Id>) -> Option<Self> {
        id.map(|id| Node { tree: self.tree, id })
    }

    pub(super) fn parent(self) -> Option<Self> {
        self.at(self.data()?.parent)
    }

    fn first(self) -> Option<Self> {
        self.at(self.data()?.first)
    }

    fn next(self) -> Option<Self> {
        self.at(self.data()?.next)
    }

    pub(super) fn previous(self) -> Option<Self> {
        self.at(self.data()?.previous)
    }

    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first(), |child| child.next())
    }

    /// The name of an element; none for text and all else.
    pub(super) fn name(self) -> Option<&'a str> {
        match &self.data()?.content {
            Content::Element { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The text of a text node; none for all else.
    pub(super) fn text(self) -> Option<&'a str> {
        match &self.data()?.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let attributes = match self.data().map(|data| &data.content) {
            Some(Content::Element { attributes, .. }) => attributes.as_slice(),
            _ => &[],
        };
        attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub(super) fn attribute(self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(at, _)| *at == name).map(|(_, value)| value)
    }

    /// All text below, as it is written.
    pub(super) fn all_text(self) -> String {
        let text = |step| if let Step::Enter(node) = step { node.text() } else { None };
        Walk::new(self).filter_map(text).collect()
    }

    /// Whether an element of this name is below.
    pub(super) fn has(self, name: &str) -> bool {
        Walk::new(self).any(|step| matches!(step, Step::Enter(node) if node.name() == Some(name)))
    }
}

/// A step of a walk through a tree, depth first.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// Into a node, before its children.
    Enter(Node<'a>),
    /// Out of a node, after its children.
    Leave(Node<'a>),
}

/// A walk through a node and all below it, depth first, in constant memory.
pub(super) struct Walk<'a> {
    root: Node<'a>,
    last: Option<Step<'a>>,
    skip: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: Node<'a>) -> Self {
        Self { root, last: None, skip: false }
    }

    /// Leaves out the children of the node just entered.
    pub(super) fn skip_children(&mut self) {
        self.skip = true;
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let next = match self.last {
            None => Step::Enter(self.root),
            Some(Step::Enter(node)) => match node.first() {
                Some(child) if !self.skip => Step::Enter(child),
                _ => Step::Leave(node),
            },
            Some(Step::Leave(node)) if node.id == self.root.id => return None,
            Some(Step::Leave(node)) => match node.next() {
                Some(sibling) => Step::Enter(sibling),
                None => Step::Leave(node.parent()?),
            },
        };
        self.skip = false;
        self.last = Some(next);
        Some(next)
    }
}
