//! Which vocabulary a name is of: an XML name means something only together with its namespace.

use std::rc::Rc;

/// Of one part at most this many declarations hold at a time: each name is looked up among them.
const MAX_DECLARED: usize = 300;

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
    /// Where drawings stand in a Word document.
    WordDrawing,
    /// SpreadsheetML.
    Sheet,
    /// Its extensions of 2009.
    Sheet2009,
    /// Comments with answers.
    Threaded,
    /// Where drawings stand on a sheet.
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
    /// Slicers and timelines: what stands for them in other programs says nothing.
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

impl Ns {
    /// The vocabulary that a namespace's name stands for.
    fn of_uri(uri: &str) -> Self {
        let uri = uri.trim();
        if uri.is_empty() {
            return Self::None;
        }
        for family in ["http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"] {
            if let Some(rest) = uri.strip_prefix(family) {
                return Self::of_ooxml(rest);
            }
        }
        for family in ["urn:oasis:names:tc:opendocument:xmlns:", "http://openoffice.org/2000/"] {
            if let Some(rest) = uri.strip_prefix(family) {
                return Self::of_odf(rest.split(':').next().unwrap_or_default());
            }
        }
        match uri {
            "http://www.w3.org/XML/1998/namespace" => Self::Xml,
            "http://schemas.microsoft.com/office/word/2010/wordml" => Self::Word2010,
            "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
            | "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"
            | "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas"
            | "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing" => Self::WordShape,
            // What WPS Office writes around some tables, without other contents for those who do not know it.
            "http://www.wps.cn/officeDocument/2013/wpsCustomData" => Self::WordShape,
            "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" => Self::Sheet2009,
            "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments" => Self::Threaded,
            "http://schemas.microsoft.com/office/powerpoint/2010/main" => Self::Slide2010,
            "http://schemas.microsoft.com/office/powerpoint/2018/8/main" => Self::SlideComment,
            "http://schemas.microsoft.com/office/drawing/2010/main" => Self::Drawing2010,
            "http://schemas.microsoft.com/office/drawing/2017/decorative" => Self::Decorative,
            uri if uri.starts_with("http://schemas.microsoft.com/office/drawing/") && uri.ends_with("/chartex") => {
                Self::Chart2014
            }
            "http://schemas.microsoft.com/office/drawing/2010/slicer"
            | "http://schemas.microsoft.com/office/drawing/2012/slicer"
            | "http://schemas.microsoft.com/office/drawing/2012/timeslicer" => Self::Slicer,
            "urn:schemas-microsoft-com:vml" => Self::Vml,
            "urn:schemas-microsoft-com:office:office" => Self::VmlOffice,
            "urn:schemas-microsoft-com:office:excel" => Self::VmlExcel,
            "http://purl.org/dc/elements/1.1/" | "http://purl.org/dc/elements/1.0/" => Self::Dc,
            "http://purl.org/dc/terms/" => Self::DcTerms,
            "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0" => Self::Extension,
            "urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0" => Self::Field,
            "http://www.w3.org/1999/xlink" => Self::Xlink,
            "http://www.w3.org/1998/Math/MathML" => Self::MathMl,
            "http://www.idpf.org/2007/opf" | "http://openebook.org/namespaces/oeb-package/1.0/" => Self::Opf,
            "http://www.daisy.org/z3986/2005/ncx/" => Self::Ncx,
            "http://www.w3.org/1999/xhtml" => Self::Xhtml,
            "http://www.w3.org/2001/04/xmlenc#" => Self::Encryption,
            _ => Self::Foreign,
        }
    }

    /// Both editions differ in the years that stand between the names.
    fn of_ooxml(rest: &str) -> Self {
        match rest {
            "wordprocessingml/2006/main" | "wordprocessingml/main" => Self::Word,
            "spreadsheetml/2006/main" | "spreadsheetml/main" => Self::Sheet,
            "presentationml/2006/main" | "presentationml/main" => Self::Slide,
            "drawingml/2006/main" | "drawingml/main" => Self::Drawing,
            "drawingml/2006/wordprocessingDrawing" | "drawingml/wordprocessingDrawing" => Self::WordDrawing,
            "drawingml/2006/spreadsheetDrawing" | "drawingml/spreadsheetDrawing" => Self::SheetDrawing,
            "drawingml/2006/picture" | "drawingml/picture" => Self::Picture,
            "drawingml/2006/chart" | "drawingml/chart" => Self::Chart,
            "drawingml/2006/diagram" | "drawingml/diagram" => Self::Diagram,
            "officeDocument/2006/math" | "officeDocument/math" => Self::Math,
            "officeDocument/2006/relationships" | "officeDocument/relationships" => Self::Relation,
            "package/2006/relationships" => Self::Relations,
            "package/2006/metadata/core-properties" => Self::Core,
            "markup-compatibility/2006" => Self::Compatibility,
            _ => Self::Foreign,
        }
    }

    fn of_odf(name: &str) -> Self {
        match name {
            "office" => Self::Office,
            "text" => Self::Text,
            "table" => Self::Table,
            "drawing" => Self::Draw,
            "style" => Self::Style,
            "svg-compatible" | "svg" => Self::Svg,
            "xsl-fo-compatible" | "fo" => Self::Fo,
            "presentation" => Self::Presentation,
            "form" => Self::Form,
            "datastyle" => Self::Number,
            "chart" => Self::OdfChart,
            "meta" => Self::Meta,
            "container" => Self::Container,
            _ => Self::Foreign,
        }
    }

    /// The vocabulary that a prefix stands for everywhere. It counts in a part that uses the prefix without declaring it,
    /// which is a fault that most programs read over.
    fn customary(prefix: &str) -> Self {
        match prefix {
            "xml" => Self::Xml,
            "w" => Self::Word,
            "w14" => Self::Word2010,
            "wps" | "wpg" | "wpc" => Self::WordShape,
            "wp" => Self::WordDrawing,
            "p" => Self::Slide,
            "p14" => Self::Slide2010,
            "a" => Self::Drawing,
            "a14" => Self::Drawing2010,
            "pic" => Self::Picture,
            "c" => Self::Chart,
            "cx" => Self::Chart2014,
            "dgm" => Self::Diagram,
            "xdr" => Self::SheetDrawing,
            "m" => Self::Math,
            "r" => Self::Relation,
            "cp" => Self::Core,
            "mc" => Self::Compatibility,
            "v" => Self::Vml,
            "o" => Self::VmlOffice,
            "x14" => Self::Sheet2009,
            "dc" => Self::Dc,
            "dcterms" => Self::DcTerms,
            "office" => Self::Office,
            "text" => Self::Text,
            "table" => Self::Table,
            "draw" => Self::Draw,
            "style" => Self::Style,
            "svg" => Self::Svg,
            "fo" => Self::Fo,
            "presentation" => Self::Presentation,
            "form" => Self::Form,
            "number" => Self::Number,
            "chart" => Self::OdfChart,
            "meta" => Self::Meta,
            "loext" => Self::Extension,
            "field" => Self::Field,
            "xlink" => Self::Xlink,
            "math" => Self::MathMl,
            "opf" => Self::Opf,
            "ncx" => Self::Ncx,
            "enc" => Self::Encryption,
            _ => Self::Foreign,
        }
    }
}

/// The declarations that hold for an element, those of the elements around it too.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    declared: Vec<(Box<str>, Ns)>,
    /// What a name without a prefix is of.
    default: Ns,
    outer: Option<Rc<Scope>>,
    /// How many declarations there are, those around it too.
    count: usize,
}

impl Scope {
    /// The scope of a part, in which names without a prefix are of that vocabulary.
    pub(crate) fn of_part(default: Ns) -> Rc<Self> {
        Rc::new(Self { default, ..Self::default() })
    }

    /// The scope of an element with declarations of its own: the prefix, "" for names without one, and the name of the
    /// namespace.
    pub(crate) fn inside<'d>(outer: &Rc<Self>, found: impl Iterator<Item = (&'d str, &'d str)>) -> Rc<Self> {
        let mut scope =
            Self { declared: Vec::new(), default: outer.default, outer: Some(Rc::clone(outer)), count: outer.count };
        for (prefix, uri) in found {
            if prefix.is_empty() {
                scope.default = Ns::of_uri(uri);
            } else if scope.count < MAX_DECLARED {
                scope.declared.push((prefix.into(), Ns::of_uri(uri)));
                scope.count += 1;
            }
        }
        Rc::new(scope)
    }

    /// What a name without a prefix is of.
    pub(crate) fn unprefixed(&self) -> Ns {
        self.default
    }

    /// What a prefix stands for.
    pub(crate) fn prefix(&self, prefix: &str) -> Ns {
        let mut scope = self;
        loop {
            if let Some((_, ns)) = scope.declared.iter().find(|(declared, _)| **declared == *prefix) {
                return *ns;
            }
            match &scope.outer {
                Some(outer) => scope = outer,
                None => return Ns::customary(prefix),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn names_in_both_editions() {
        for (uri, expected) in [
            ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", Ns::Word),
            ("http://purl.oclc.org/ooxml/wordprocessingml/main", Ns::Word),
            ("http://purl.oclc.org/ooxml/spreadsheetml/main", Ns::Sheet),
            ("http://purl.oclc.org/ooxml/officeDocument/relationships", Ns::Relation),
            ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", Ns::Sheet),
            ("http://schemas.microsoft.com/office/spreadsheetml/2010/11/main", Ns::Foreign),
            ("urn:oasis:names:tc:opendocument:xmlns:text:1.0", Ns::Text),
            ("urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0", Ns::Number),
            ("http://openoffice.org/2000/table", Ns::Table),
            ("http://example.org/text", Ns::Foreign),
            ("", Ns::None),
        ] {
            assert_eq!(Ns::of_uri(uri), expected, "{uri}");
        }
    }

    #[test]
    fn scopes_shadow_and_are_bounded() {
        let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        let part = Scope::of_part(Ns::Sheet);
        assert_eq!((part.unprefixed(), part.prefix("w"), part.prefix("x")), (Ns::Sheet, Ns::Word, Ns::Foreign));
        let outer = Scope::inside(&part, [("x", word), ("", word)].into_iter());
        assert_eq!((outer.unprefixed(), outer.prefix("x")), (Ns::Word, Ns::Word));
        let inner = Scope::inside(&outer, [("x", "urn:mine"), ("w", "urn:mine"), ("", "")].into_iter());
        assert_eq!((inner.unprefixed(), inner.prefix("x"), inner.prefix("w")), (Ns::None, Ns::Foreign, Ns::Foreign));
        let names: Vec<String> = (0..10_000).map(|number| format!("n{number}")).collect();
        let many = Scope::inside(&part, names.iter().map(|name| (name.as_str(), "urn:x")));
        assert_eq!((many.declared.len(), many.prefix("w")), (MAX_DECLARED, Ns::Word));
    }
}
