//! XML as a stream of elements and texts, for the parts of office documents and books.
//!
//! Names are identified by their namespaces. Of alternative contents (`mc:AlternateContent`) only one branch is returned, as if it
//! were there alone.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | the items of a part: elements and texts |
//! | `element.rs` | an element's name and attributes |
//! | `reader.rs` | the reader of a part: scopes, alternative contents, depth |
//! | `tests.rs` | tests |

mod element;
mod reader;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use element::Element;
pub(crate) use reader::Xml;

/// The next item of a part.
pub(crate) enum XmlNode<'a> {
    /// An element begins. Its children follow, then its [`XmlNode::Close`], also when it is written as `<a/>`.
    Open(Element<'a>),
    /// The innermost open element ends.
    Close,
    /// Characters, with entities resolved.
    Text(Cow<'a, str>),
}
