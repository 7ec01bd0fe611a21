//! Parses text into a tree: html5ever's parser with a guard that bounds the depth.
//!
//! The parser searches its open elements at most tags, and repeats styles that were left open in every later block: both are
//! quadratic in hostile (or old) pages. The guard drops style tags and elements that are nested too deep, never text.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{Attribute, LocalName, QualName, TokenizerResult, local_name, ns};

use super::elements;
use super::tree::{HtmlTree, NodeContent, NodeId};

/// Most open elements that can nest; browsers stop at 512.
const MAX_DEPTH: usize = 128;

/// An XHTML declaration is searched in this many bytes.
const XML_SEARCH_BYTES: usize = 1024;

/// The parser gets this many bytes at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Pages within pages (`srcdoc`) are read up to this depth.
const MAX_PAGE_DEPTH: usize = 2;

/// Parses a document or a fragment. The pages in its frames become part of the tree.
pub(super) fn parse(html: &str) -> HtmlTree {
    with_frames(html, MAX_PAGE_DEPTH)
}

fn with_frames(html: &str, deeper: usize) -> HtmlTree {
    let mut tree = parse_page(html);
    if deeper == 0 || !html.contains("srcdoc") {
        return tree;
    }
    for (id, page) in tree.frames() {
        let inner = with_frames(&page, deeper - 1);
        tree.graft(id, inner);
        // The frame becomes a block; it may be hidden like any other.
        if let Some(NodeContent::Element { name, .. }) = tree.content_mut(id) {
            *name = local_name!("div");
        }
    }
    tree
}

fn parse_page(html: &str) -> HtmlTree {
    let options = TreeBuilderOpts { scripting_enabled: false, drop_doctype: true, ..TreeBuilderOpts::default() };
    let guard = DepthGuard {
        builder: TreeBuilder::new(TreeSinkState::new(), options),
        open: RefCell::new(Vec::new()),
        xml: is_xml(html),
    };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at_checked(rest.floor_char_boundary(PIECE_BYTES)).unwrap_or((rest, ""));
        input.push_back(StrTendril::from_slice(piece));
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        rest = after;
    }
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// True if `<a/>` closes itself: it does in XHTML, which books use, but not in HTML.
fn is_xml(html: &str) -> bool {
    let head = html.get(..html.floor_char_boundary(XML_SEARCH_BYTES)).unwrap_or(html);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with("<?xml") || (head.contains("xmlns=") && head.contains("1999/xhtml"))
}

/// Passes tokens from the tokenizer to the tree builder, within the depth limit.
struct DepthGuard {
    builder: TreeBuilder<NodeHandle, TreeSinkState>,
    /// Open elements that can nest, outermost first; never fewer than the tree builder has.
    open: RefCell<Vec<LocalName>>,
    xml: bool,
}

impl DepthGuard {
    /// True if a start tag is within the depth; counts it.
    fn admit(&self, tag: &Tag) -> bool {
        let name = &*tag.name;
        if elements::is_void(name) || elements::cannot_nest(name) {
            return true;
        }
        let mut open = self.open.borrow_mut();
        let foreign = |open: &[LocalName]| open.iter().any(|name| matches!(&**name, "svg" | "math"));
        if tag.self_closing && (self.xml || foreign(&open)) {
            return true;
        }
        let fits = open.len() < MAX_DEPTH;
        if fits {
            open.push(tag.name.clone());
        }
        fits
    }

    /// Removes the elements that an end tag closes from the count.
    fn close(&self, name: &LocalName) {
        let mut open = self.open.borrow_mut();
        for at in (0..open.len()).rev() {
            let Some(above) = open.get(at) else { return };
            if above == name {
                open.truncate(at);
                return;
            }
            let stops =
                if elements::is_special(name) { elements::is_scope(above) } else { elements::is_special(above) };
            if stops && &**name != "table" {
                return;
            }
        }
    }
}

impl TokenSink for DepthGuard {
    type Handle = NodeHandle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeHandle> {
        let Token::TagToken(tag) = token else { return self.builder.process_token(token, line) };
        if elements::is_letter_style(&tag.name) {
            return TokenSinkResult::Continue;
        }
        if tag.kind == TagKind::EndTag {
            if !elements::cannot_nest(&tag.name) {
                self.close(&tag.name);
            }
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        if !self.admit(&tag) {
            return TokenSinkResult::Continue;
        }
        if !(self.xml && tag.self_closing) || elements::is_void(&tag.name) {
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        if elements::is_raw(&tag.name) {
            return TokenSinkResult::Continue;
        }
        let end = Tag { kind: TagKind::EndTag, self_closing: false, attrs: Vec::new(), ..tag.clone() };
        let result = self.builder.process_token(Token::TagToken(tag), line);
        let _ = self.builder.process_token(Token::TagToken(end), line);
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// A node as the tree builder holds it, with its name: the tree builder needs names at every tag.
#[derive(Clone)]
struct NodeHandle {
    id: NodeId,
    name: Rc<QualName>,
}

/// Receives the tree builder's calls.
struct TreeSinkState {
    tree: RefCell<HtmlTree>,
    /// The name of nodes that are not elements.
    nameless: Rc<QualName>,
}

impl TreeSinkState {
    fn new() -> Self {
        let nameless = Rc::new(QualName::new(None, ns!(), local_name!("")));
        Self { tree: RefCell::new(HtmlTree::new()), nameless }
    }

    /// Returns a handle for a node that is not an element.
    fn nameless_handle(&self) -> NodeHandle {
        NodeHandle { id: self.tree.borrow_mut().add(NodeContent::Other), name: self.nameless.clone() }
    }

    /// Appends to a text node; returns false for other nodes.
    fn extend(&self, id: Option<NodeId>, more: &StrTendril) -> bool {
        let mut tree = self.tree.borrow_mut();
        match id.and_then(|id| tree.content_mut(id)) {
            Some(NodeContent::Text(text)) => {
                text.push_tendril(more);
                true
            }
            _ => false,
        }
    }

    fn text(&self, text: StrTendril) -> NodeId {
        self.tree.borrow_mut().add(NodeContent::Text(text))
    }
}

impl TreeSink for TreeSinkState {
    type Handle = NodeHandle;
    type Output = HtmlTree;
    type ElemName<'a> = &'a QualName;

    fn finish(self) -> HtmlTree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeHandle {
        NodeHandle { id: 0, name: self.nameless.clone() }
    }

    fn elem_name<'a>(&'a self, target: &'a NodeHandle) -> &'a QualName {
        &target.name
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> NodeHandle {
        let content = NodeContent::Element { name: name.local.clone(), attributes };
        NodeHandle { id: self.tree.borrow_mut().add(content), name: Rc::new(name) }
    }

    fn create_comment(&self, _: StrTendril) -> NodeHandle {
        self.nameless_handle()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeHandle {
        self.nameless_handle()
    }

    fn append(&self, parent: &NodeHandle, child: NodeOrText<NodeHandle>) {
        let last = self.tree.borrow().last(parent.id);
        let child = match child {
            NodeOrText::AppendNode(node) => node.id,
            NodeOrText::AppendText(text) if self.extend(last, &text) => return,
            NodeOrText::AppendText(text) => self.text(text),
        };
        self.tree.borrow_mut().append(parent.id, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeHandle, above: &NodeHandle, child: NodeOrText<NodeHandle>) {
        let has_parent = self.tree.borrow().parent(element.id).is_some();
        if has_parent { self.append_before_sibling(element, child) } else { self.append(above, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// The content of a template is not shown, so it is in no tree, except that of a shadow root.
    fn get_template_contents(&self, target: &NodeHandle) -> NodeHandle {
        let is_shadow = elements::is_shadow_root(self.tree.borrow().node(target.id));
        if is_shadow { target.clone() } else { self.nameless_handle() }
    }

    fn same_node(&self, a: &NodeHandle, b: &NodeHandle) -> bool {
        a.id == b.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeHandle, node: NodeOrText<NodeHandle>) {
        let previous = self.tree.borrow().previous(sibling.id);
        let node = match node {
            NodeOrText::AppendNode(node) => node.id,
            NodeOrText::AppendText(text) if self.extend(previous, &text) => return,
            NodeOrText::AppendText(text) => self.text(text),
        };
        self.tree.borrow_mut().insert_before(sibling.id, node);
    }

    /// Attributes of a second `<html>` or `<body>` are ignored: no reader needs them.
    fn add_attrs_if_missing(&self, _: &NodeHandle, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &NodeHandle) {
        self.tree.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &NodeHandle, parent: &NodeHandle) {
        let mut tree = self.tree.borrow_mut();
        while let Some(child) = tree.first(node.id) {
            tree.append(parent.id, child);
        }
    }
}
