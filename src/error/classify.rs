//! Classifies errors: damaged data, or a wrong request.

use super::Error;

impl Error {
    /// True if stored data is damaged or missing, as opposed to a wrong request or a failure of the system.
    pub fn is_corruption(&self) -> bool {
        match self {
            Self::Model(error) => error.is_corruption(),
            _ => matches!(
                self,
                Self::RecordsDamaged { .. }
                    | Self::RecordsBehind { .. }
                    | Self::CopiesDiffer { .. }
                    | Self::IndexDamaged { .. }
            ),
        }
    }

    /// True if the request was wrong: another input, option, name or order of calls would have worked.
    pub fn is_user_error(&self) -> bool {
        match self {
            Self::Model(error) => error.is_user_error(),
            _ => matches!(
                self,
                Self::InvalidInput { .. }
                    | Self::InvalidOptions { .. }
                    | Self::InvalidGlob { .. }
                    | Self::EmptyQuery
                    | Self::InvalidDocument { .. }
                    | Self::InvalidFilter { .. }
                    | Self::FolderConflict { .. }
                    | Self::DocumentMissing { .. }
                    | Self::CollectionMissing { .. }
                    | Self::CollectionExists { .. }
                    | Self::CollectionKind { .. }
                    | Self::ModelMismatch { .. }
                    | Self::SpaceMismatch { .. }
                    | Self::NotOurs { .. }
                    | Self::NotTrusted { .. }
                    | Self::ModelNotTrusted { .. }
                    | Self::Locked { .. }
            ),
        }
    }
}
