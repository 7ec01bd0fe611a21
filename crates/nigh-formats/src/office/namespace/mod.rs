//! Vocabularies of XML names: a name has a meaning only together with its namespace.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | the vocabularies |
//! | `names.rs` | their namespaces, and their customary prefixes |
//! | `scope.rs` | the prefixes declared at an element |
//! | `tests.rs` | tests |

mod names;
mod scope;
#[cfg(test)]
mod tests;

pub(crate) use scope::Scope;

/// A vocabulary. The transitional and the strict edition of one are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Ns {
    /// No namespace.
    #[default]
    None,
    /// One that no reader knows.
    Foreign,
    /// `xml:space`, `xml:lang`.
    Xml,
    /// WordprocessingML.
    Word,
    /// Its extensions of 2010: content controls that are check boxes.
    Word2010,
    /// Shapes in a Word document.
    WordShape,
    /// Positions of drawings in a Word document.
    WordDrawing,
    /// SpreadsheetML.
    Sheet,
    /// Its extensions of 2009.
    Sheet2009,
    /// Comments with answers.
    Threaded,
    /// Positions of drawings on a sheet.
    SheetDrawing,
    /// PresentationML.
    Slide,
    /// Its extensions of 2010.
    Slide2010,
    /// Its comments with answers.
    SlideComment,
    /// DrawingML.
    Drawing,
    /// Its extensions of 2010: formulas.
    Drawing2010,
    /// What says that a drawing is only decoration.
    Decorative,
    /// Pictures of DrawingML.
    Picture,
    /// Charts.
    Chart,
    /// Charts of the kinds that came in 2016.
    Chart2014,
    /// Diagrams (SmartArt).
    Diagram,
    /// Slicers and timelines: their replacement for other programs has no useful text.
    Slicer,
    /// Formulas of Office.
    Math,
    /// References to relations.
    Relation,
    /// The parts of relations.
    Relations,
    /// Properties of the package.
    Core,
    /// Alternative contents.
    Compatibility,
    /// VML.
    Vml,
    /// VML's part of Office.
    VmlOffice,
    /// VML's part of Excel.
    VmlExcel,
    /// Dublin Core.
    Dc,
    /// Its terms.
    DcTerms,
    /// OpenDocument: the frame.
    Office,
    /// OpenDocument: text.
    Text,
    /// OpenDocument: tables.
    Table,
    /// OpenDocument: shapes.
    Draw,
    /// OpenDocument: styles.
    Style,
    /// OpenDocument: what it has of SVG.
    Svg,
    /// OpenDocument: what it has of XSL.
    Fo,
    /// OpenDocument: presentations.
    Presentation,
    /// OpenDocument: forms.
    Form,
    /// OpenDocument: formats of numbers.
    Number,
    /// OpenDocument: charts.
    OdfChart,
    /// OpenDocument: properties.
    Meta,
    /// OpenDocument: form fields as Office has them.
    Field,
    /// OpenDocument: LibreOffice's extensions.
    Extension,
    /// Links.
    Xlink,
    /// MathML.
    MathMl,
    /// A book's package.
    Opf,
    /// A book's container.
    Container,
    /// A book's table of contents.
    Ncx,
    /// Web pages.
    Xhtml,
    /// Encrypted parts.
    Encryption,
}
