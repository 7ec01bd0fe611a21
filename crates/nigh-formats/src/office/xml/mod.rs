//! XML as a stream of elements and texts: what the parts of office documents and books are read with.
//!
//! Names are told by their namespaces. Of alternative contents (`mc:AlternateContent`) one branch is given, as if it
//! stood there alone.
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
    /// Characters, entities resolved.
    Text(Cow<'a, str>),
}
