//! Kinds of formats, recognised by name and bytes, also in builds without their readers.
//!
//! | file | responsible for |
//! |---|---|
//! | `office.rs` | [`office::OfficeKind`]: the kinds of ZIP archives and compound files, by extension and by the names in them |
//! | `ole.rs` | compound files: old formats and encrypted files, by their streams |
//! | `mail.rs` | [`mail::is_mail`]: mail by its first lines |

pub(crate) mod mail;
pub(crate) mod office;
pub(crate) mod ole;
