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

/// A vocabulary of XML names. Its transitional and its strict edition are the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Ns {
    /// No namespace.
    #[default]
    None,
    /// A namespace that no reader uses.
    Foreign,
    /// `xml:space`, `xml:lang`.
    Xml,
    /// WordprocessingML.
    Word,
    /// WordprocessingML's extensions of 2010: content controls that are check boxes.
    Word2010,
    /// Shapes in a Word document.
    WordShape,
    /// Positions of drawings in a Word document.
    WordDrawing,
    /// SpreadsheetML.
    Sheet,
    /// SpreadsheetML's extensions of 2009.
    Sheet2009,
    /// Comments with answers.
    Threaded,
    /// Positions of drawings on a sheet.
    SheetDrawing,
    /// PresentationML.
    Slide,
    /// PresentationML's extensions of 2010.
    Slide2010,
    /// PresentationML's comments with answers.
    SlideComment,
    /// DrawingML.
    Drawing,
    /// DrawingML's extensions of 2010: formulas.
    Drawing2010,
    /// The mark of a drawing that is only decoration.
    Decorative,
    /// Pictures of DrawingML.
    Picture,
    /// Charts.
    Chart,
    /// The chart types that were new in 2016.
    Chart2014,
    /// Diagrams (SmartArt).
    Diagram,
    /// Slicers and timelines: their fallback content for other programs has no useful text.
    Slicer,
    /// Office's formulas.
    Math,
    /// References to relations.
    Relation,
    /// The parts of relations.
    Relations,
    /// Properties of the package.
    Core,
    /// Alternative content.
    Compatibility,
    /// VML.
    Vml,
    /// Office's extension of VML.
    VmlOffice,
    /// Excel's extension of VML.
    VmlExcel,
    /// Dublin Core.
    Dc,
    /// Dublin Core's terms.
    DcTerms,
    /// OpenDocument: the document structure.
    Office,
    /// OpenDocument: text.
    Text,
    /// OpenDocument: tables.
    Table,
    /// OpenDocument: shapes.
    Draw,
    /// OpenDocument: styles.
    Style,
    /// OpenDocument: the SVG subset.
    Svg,
    /// OpenDocument: the XSL subset.
    Fo,
    /// OpenDocument: presentations.
    Presentation,
    /// OpenDocument: forms.
    Form,
    /// OpenDocument: number formats.
    Number,
    /// OpenDocument: charts.
    OdfChart,
    /// OpenDocument: properties.
    Meta,
    /// OpenDocument: form fields in Office's style.
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
