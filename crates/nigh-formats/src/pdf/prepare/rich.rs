//! Rich text, and names as text.

/// Inserts spaces into a name: "NotApproved" becomes "Not Approved".
pub(super) fn insert_spaces(name: &[u8]) -> String {
    let mut out = String::new();
    for c in String::from_utf8_lossy(name).chars() {
        if c.is_uppercase() && out.ends_with(char::is_lowercase) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// Returns the text of rich text, one line for each paragraph.
pub(super) fn without_tags(rich: &str) -> String {
    let mut out = String::new();
    for (at, part) in rich.split('<').enumerate() {
        let (tag, text) = if at == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        let ends = tag.starts_with("/p") || tag.starts_with("br") || tag.starts_with("/div");
        out.push_str(if ends { "\n" } else { "" });
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            out.push_str(before);
            let (entity, after) = after.split_once(';').unwrap_or(("", after));
            let number = entity.strip_prefix('#').map(|number| match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            });
            out.extend(match (entity, number) {
                ("lt", _) => Some('<'),
                ("gt", _) => Some('>'),
                ("amp", _) => Some('&'),
                ("quot", _) => Some('"'),
                ("apos", _) => Some('\''),
                (_, Some(Ok(number))) => char::from_u32(number),
                _ => None,
            });
            rest = after;
        }
        out.push_str(rest);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_loses_its_tags_and_names_get_spaces() {
        assert_eq!(
            without_tags("<?xml?><body><p>a &lt;b&gt; &#26041;&#x6cd5;</p><p>c&amp;d</p></body>"),
            "a <b> 方法\nc&d"
        );
        assert_eq!(insert_spaces(b"NotForPublicRelease"), "Not For Public Release");
    }
}
