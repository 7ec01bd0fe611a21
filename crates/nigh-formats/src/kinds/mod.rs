//! Kinds of formats, told by names and bytes alone: known also where their readers are not built in.
//!
//! | file | responsible for |
//! |---|---|
//! | `office.rs` | [`office::OfficeKind`]: what a ZIP archive or a compound file may be, by extension and by the names in it |
//! | `ole.rs` | compound files: old formats and encrypted ones, told apart by their streams |
//! | `mail.rs` | [`mail::is_mail`]: mail by its first lines |

pub(crate) mod mail;
pub(crate) mod office;
pub(crate) mod ole;
