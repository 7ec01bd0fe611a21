//! Kinds of formats, recognised by name and bytes, also in builds without their readers.
//!
//! | file | responsible for |
//! |---|---|
//! | `office.rs` | [`office::OfficeKind`]: what a ZIP archive or a compound file may be, by extension and by the names in it |
//! | `ole.rs` | compound files: old formats and encrypted files, by their streams |
//! | `mail.rs` | [`mail::is_mail`]: mail by its first lines |

pub(crate) mod mail;
pub(crate) mod office;
pub(crate) mod ole;
