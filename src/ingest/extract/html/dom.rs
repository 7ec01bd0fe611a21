//! Text to a tree: html5ever's parser behind a guard that bounds the depth, and a walk that needs no stack.
//!
//! The parser looks through its open elements at most tags, and keeps styles that were left open for every later block:
//! both are quadratic in hostile (or old) pages. The guard drops style tags and what is nested too deep, never text.

use std::cell::RefCell;

use dom_query::{Document, LocalName, NodeId, NodeRef};
use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};

use super::elements;

/// Open elements that can nest; browsers stop at 512.
const MAX_DEPTH: usize = 128;

/// An XHTML file says so within so many bytes.
const XML_WINDOW: usize = 1024;

/// Parses a document or a fragment.
pub(super) fn parse(html: &str) -> Document {
    let options = TreeBuilderOpts { scripting_enabled: false, drop_doctype: true, ..TreeBuilderOpts::default() };
    let guard = Guard {
        builder: TreeBuilder::new(Document::default(), options),
        open: RefCell::new(Vec::new()),
        xml: is_xml(html),
    };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    // Tendrils are limited to 4 GiB; a page is cut into pieces anyway so that a copy is never the whole of it.
    let mut rest = html;
    while !rest.is_empty() {
        let piece = rest.floor_char_boundary(1 << 20);
        let (piece, after) = rest.split_at_checked(piece).unwrap_or((rest, ""));
        input.push_back(StrTendril::from_slice(piece));
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        rest = after;
    }
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// Whether `<a/>` closes itself: so it does in XHTML, as books have it, and not in HTML.
fn is_xml(html: &str) -> bool {
    let head = html.get(..html.floor_char_boundary(XML_WINDOW)).unwrap_or(html);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with("<?xml") || (head.contains("xmlns=") && head.contains("1999/xhtml"))
}

/// Stands between the tokenizer and the tree builder.
struct Guard {
    builder: TreeBuilder<NodeId, Document>,
    /// Open elements that can nest, outermost first; never fewer than the builder has of them.
    open: RefCell<Vec<LocalName>>,
    xml: bool,
}

impl Guard {
    /// Whether a start tag is within the depth; counts it.
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
        let room = open.len() < MAX_DEPTH;
        if room {
            open.push(tag.name.clone());
        }
        room
    }

    /// Uncounts what an end tag closes.
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

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
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

/// A step of a walk through a tree, depth first.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// Into a node, before its children.
    Enter(NodeRef<'a>),
    /// Out of a node, after its children.
    Leave(NodeRef<'a>),
}

/// A walk through a node and all below it, depth first, in constant memory.
pub(super) struct Walk<'a> {
    root: NodeRef<'a>,
    last: Option<Step<'a>>,
    skip: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: NodeRef<'a>) -> Self {
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
            Some(Step::Enter(node)) => match node.first_child() {
                Some(child) if !std::mem::take(&mut self.skip) => Step::Enter(child),
                _ => Step::Leave(node),
            },
            Some(Step::Leave(node)) if node.id == self.root.id => return None,
            Some(Step::Leave(node)) => match node.next_sibling() {
                Some(sibling) => Step::Enter(sibling),
                None => Step::Leave(node.parent()?),
            },
        };
        self.skip = false;
        self.last = Some(next);
        Some(next)
    }
}
