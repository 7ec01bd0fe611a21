//! DOS code pages that the WHATWG's Encoding Standard lacks. Old programs wrote them.

/// A code page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodePage {
    /// The IANA name.
    pub(super) name: &'static str,
    /// The characters of the bytes from 0x80 on.
    high: &'static str,
}

/// United States, with German and French letters.
pub(crate) const IBM437: CodePage = CodePage {
    name: "IBM437",
    high: "\
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
        áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
        αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
};
/// Western Europe.
pub(crate) const IBM850: CodePage = CodePage {
    name: "IBM850",
    high: "\
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
        áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
        └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
        ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
};
/// Central Europe.
pub(crate) const IBM852: CodePage = CodePage {
    name: "IBM852",
    high: "\
        ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×č\
        áíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
        └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀\
        ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
};
/// Turkey.
pub(crate) const IBM857: CodePage = CodePage {
    name: "IBM857",
    high: "\
        ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞş\
        áíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
        └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\u{fffd}ÍÎÏ┘┌█▄¦Ì▀\
        ÓßÔÒõÕµ\u{fffd}×ÚÛÙìÿ¯´\u{ad}±\u{fffd}¾¶§÷¸°¨·¹³²■\u{a0}",
};
/// Baltic countries.
pub(crate) const IBM775: CodePage = CodePage {
    name: "IBM775",
    high: "\
        ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤\
        ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐\
        └┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀\
        ÓßŌŃõÕµńĶķĻļņĒŅ’\u{ad}±“¾¶§÷„°∙·¹³²■\u{a0}",
};
/// Denmark and Norway.
pub(crate) const IBM865: CodePage = CodePage {
    name: "IBM865",
    high: "\
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒ\
        áíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
        αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
};

/// All code pages of this file.
pub(super) const PAGES: [CodePage; 6] = [IBM437, IBM850, IBM852, IBM857, IBM775, IBM865];

impl CodePage {
    /// Decodes bytes. Returns the text, with a replacement character for each undefined byte, and the number of these.
    pub(super) fn lossy(self, bytes: &[u8]) -> (String, usize) {
        let high: Vec<char> = self.high.chars().collect();
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
        let mut invalid = 0;
        for &byte in bytes {
            let c = match byte {
                0..0x80 => char::from(byte),
                _ => high.get(usize::from(byte - 0x80)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
            };
            invalid += usize::from(c == char::REPLACEMENT_CHARACTER);
            text.push(c);
        }
        (text, invalid)
    }
}
