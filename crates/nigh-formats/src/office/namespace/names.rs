//! The namespaces of vocabularies, and their customary prefixes.

use crate::office::namespace::Ns;

impl Ns {
    /// Returns the vocabulary of a namespace name.
    pub(super) fn of_uri(uri: &str) -> Self {
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
            // WPS Office writes this around some tables, without alternative content for other programs.
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

    /// Returns the vocabulary of an Office namespace. The two editions differ in the year between the names.
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

    /// Returns the customary vocabulary of a prefix. It is used in a part that does not declare the prefix, an error that most programs
    /// tolerate.
    pub(super) fn customary(prefix: &str) -> Self {
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
