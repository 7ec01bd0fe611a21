//! Tests of the web page reader.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use super::*;

/// Returns the body of a page as Markdown.
fn body(html: &str) -> String {
    body_markdown(html).1
}

#[test]
fn blocks_become_markdown() {
    let (title, text) = body_markdown(
        "<html><head><title> A  page </title><style>p{}</style></head><body><h1>Top <a href='#t'>¶</a></h1>\
         <p>One <b>bold</b> <a href=x>link</a>,\n   two.</p><script>no()</script><ul><li>a<li>b<ol><li>c</li></ol>\
         <p>more</p></ul><img alt='a cat'><p>x<br>y</p><pre>  let a;\n\n  b();\n</pre><h2>C#</h2>\
         <dl><dt>term<dd>meaning</dl>",
    );
    assert_eq!(title.as_deref(), Some("A page"));
    assert_eq!(
        text,
        "# Top\n\nOne bold link, two.\n\n- a\n- b\n  1. c\n\n  more\n\na cat\n\nx\ny\n\n```\n  let a;\n\n  b();\n```\n\n## C#\n\n\
         term\nmeaning\n"
    );
}

#[test]
fn data_tables_become_rows_and_layout_tables_blocks() {
    let data = "<table><caption>Cities</caption><thead><tr><th>城市<th>People</thead><tr><td>Oslo<td><p>709\n037</p>\
                <tr><td>京<td></table>";
    assert_eq!(body(data), "Cities\n城市 | People\nOslo | 709 037\n京\n");
    let layout = "<table><tr><td>menu<td><h1>Title</h1><p>Text.</p></table>";
    assert_eq!(body(layout), "menu\n\n# Title\n\nText.\n");
    let nested = "<table><tr><td>a<td><table><tr><td>1<td>2</table></table>";
    assert_eq!(body(nested), "a\n\n1 | 2\n");
}

#[test]
fn hidden_elements_are_not_text() {
    let html = "<div hidden>1</div><div aria-hidden=true>2</div><p style='color:red; DISPLAY : none'>3</p><p>4</p>\
                <noscript>5</noscript><template>6</template><svg aria-hidden=true><title>7</title></svg><svg><defs><text>8</text>\
                </defs></svg><dialog>9</dialog><iframe src=x>10</iframe><button>OK</button><select hidden><option>11</select><datalist><option>12</datalist>";
    assert_eq!(body_markdown(html), (None, "4\n".to_owned()));
}

#[test]
fn markdown_escapes_only_where_needed() {
    assert_eq!(
        body("<p># no heading<br>#tag, 1. x, *a_b* [c] &lt;d></p>"),
        "\\# no heading\n#tag, 1. x, *a_b* [c] <d>\n"
    );
    assert_eq!(body("<p>a<br>---<br>===</p><p>```</p>"), "a\n\\---\n\\===\n\n\\```\n");
    assert_eq!(body("<pre>a\n```\n</pre>"), "````\na\n```\n````\n");
}

#[test]
fn xhtml_elements_may_close_themselves() {
    let book = "<?xml version='1.0'?><html xmlns='x'><head><title/><script src='a'/></head><body><a id='p1'/><div/>\
                <p>Text &amp; 文</p></body></html>";
    assert_eq!(body_markdown(book), (None, "Text & 文\n".to_owned()));
}

#[test]
fn formulas_are_written_once() {
    let html = "<p>If <math alttext='x^2'><mi>x</mi><mn>2</mn></math> and <math><semantics><mi>y</mi>\
                <annotation encoding='application/x-tex'>y</annotation></semantics></math>.</p>";
    assert_eq!(body(html), "If x^2 and y.\n");
}

#[test]
fn descriptions_frames_templates_and_form_texts_are_read() {
    for (html, expected) in [
        // Frames that contain their page.
        (
            "<p>a</p><iframe srcdoc=\"&lt;title&gt;t&lt;/title&gt;&lt;p&gt;In a frame&lt;/p&gt;\">no</iframe><p>b</p>",
            "a\n\nIn a frame\n\nb\n",
        ),
        ("<iframe hidden srcdoc='<p>x'></iframe><p>b", "b\n"),
        ("<iframe srcdoc='<iframe srcdoc=\"<p>deep\"></iframe>'></iframe>", "deep\n"),
        // Templates that are shown.
        (
            "<my-card><template shadowrootmode=open><p>Shadow <slot>own</slot></p></template><p>light</p></my-card>",
            "Shadow own\n\nlight\n",
        ),
        ("<my-card><template shadowrootmode=none><p>no</p></template></my-card><p>light</p>", "light\n"),
        // Texts in pictures, and descriptions of pictures.
        (
            "<svg><title>Harbour</title><desc>A plan of it</desc><g><text>Pier <tspan>4</tspan></text><text>Mole</text></g></svg>",
            "Harbour\n\nA plan of it\n\nPier 4\n\nMole\n",
        ),
        (
            "<p><img src=a title='A heron'> <img alt='' title='no'> <img src=a aria-label='An egret'></p>",
            "A heron An egret\n",
        ),
        ("<p><span role=img aria-label='Sales by month'>x</span></p>", "Sales by month\n"),
        // Titles that explain.
        (
            "<p>The <abbr title='World Health Organization'>WHO</abbr> says</p>",
            "The WHO (World Health Organization) says\n",
        ),
        // Buttons that expand text; typed values.
        (
            "<h2><button>How do I reset it?</button></h2><div><button>Can I return it?</button><button>OK</button><p>Yes.</div>",
            "## How do I reset it?\n\nCan I return it?\n\nYes.\n",
        ),
        (
            "<p>Name <input placeholder='e.g. Ada'> <input type=hidden value=x><input type=submit value=y></p><textarea>Notes</textarea>",
            "Name e.g. Ada\n\nNotes\n",
        ),
        ("<details><summary>More</summary><p>Folded</p></details>", "More\n\nFolded\n"),
        // Formulas.
        (
            "<p><math><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup></math></p>",
            "a/b=x^2\n",
        ),
        (
            "<p><math><semantics><mrow><mi>E</mi></mrow><annotation encoding='application/x-tex'>E=mc^2</annotation></semantics></math></p>",
            "E=mc^2\n",
        ),
    ] {
        assert_eq!(body(html), expected, "{html}");
    }
    let page =
        html("<title>Page</title><main><p>Words.</p><iframe srcdoc='<title>Frame</title><p>In it.'></iframe></main>")
            .unwrap();
    assert_eq!((page.title.as_deref(), page.text.as_str()), (Some("Page"), "Words.\n\nIn it.\n"));
}

#[test]
fn noscript_text_is_reported_if_long() {
    let long = "The tide tables of the harbour for this year, hour by hour. ".repeat(6);
    let page = html(&format!("<p>Words.</p><noscript><p>{long}</p></noscript>")).unwrap();
    assert_eq!(page.text, "Words.\n");
    assert_eq!(page.losses, ["text for browsers without scripts is left out (<noscript>)"]);
    let only = html(&format!("<div id=root></div><noscript><p>{long}</p></noscript>")).unwrap();
    assert!(only.text.starts_with("The tide tables") && only.losses.is_empty(), "{only:?}");
    assert!(
        html("<title>App</title><body><noscript>You need to enable JavaScript to run this app.</noscript>").is_err()
    );
}

/// Returns paragraphs of an article.
fn article(paragraphs: usize) -> String {
    let text =
        "The encoder reads a passage, splits it into word pieces, and gives one vector for all of it, as before. ";
    format!("<p>{}</p>", text.repeat(3)).repeat(paragraphs)
}

#[test]
fn article_has_no_navigation_and_footer() {
    let page = format!(
        "<html lang=en><head><title>On Encoders | The Site</title><meta name=author content='Ada L.'>\
         <meta property='article:published_time' content='2024-05-01T10:00:00Z'>\
         <meta name=description content='How they read.'></head><body>\
         <nav><a href=/>Home</a><a href=/b>Blog</a></nav><div class='cookie-banner'>We use cookies to improve.</div>\
         <div id=content><h1>On Encoders</h1>{}<table><tr><th>a<th>b<tr><td>1<td>2</table><h2>Code</h2><pre>x = 1</pre>{}</div>\
         <div class=related><a href=1>Other story one</a><a href=2>Other story two</a></div>\
         <footer>Copyright 2024 The Site</footer></body></html>",
        article(4),
        article(2)
    );
    let found = html(&page).unwrap();
    assert_eq!(found.title.as_deref(), Some("On Encoders"));
    assert!(found.text.starts_with("# On Encoders\n\nThe encoder reads"), "{}", found.text);
    assert!(found.text.contains("a | b\n1 | 2\n\n## Code\n\n```\nx = 1\n```"), "{}", found.text);
    for gone in ["Home", "cookies", "Other story", "Copyright"] {
        assert!(!found.text.contains(gone), "{gone}: {}", found.text);
    }
    assert_eq!(found.metadata["author"], "Ada L.");
    assert_eq!(found.metadata["published"], "2024-05-01T10:00:00Z");
    assert_eq!(found.metadata["description"], "How they read.");
    assert_eq!(found.metadata["language"], "en");
    assert_eq!((found.sections.len(), found.sections[0].start), (1, 0));
}

#[test]
fn article_is_found_without_marked_parts() {
    let paragraph =
        "<p>地铁七号线将于本月二十九日开始试运营,全长三十一点六公里,设车站二十三座,首班车为早上六点十分。</p>"
            .repeat(6);
    let page = format!(
        "<title>七号线 - 晚报</title><table><tr><td id=top><a href=1>首页</a> | <a href=2>本地新闻</a> | <a href=3>体育</a>\
         <tr><td><div id=path>您的位置:首页 &gt; 正文</div><div><h1>七号线</h1><div>记者 祝以宁</div>{paragraph}</div>\
         <div><h3>热门推荐</h3><ul><li><a href=4>本周菜价一览</a><li><a href=5>楼市观察</a></ul></div>\
         <tr><td>关于我们 | 版权声明</table>"
    );
    let found = html(&page).unwrap();
    assert_eq!(found.title.as_deref(), Some("七号线"));
    assert!(found.text.starts_with("# 七号线\n\n记者 祝以宁\n\n地铁七号线"), "{}", found.text);
    assert!(found.text.trim_end().ends_with("六点十分。"), "{}", found.text);
}

#[test]
fn metadata_is_read_from_linked_data() {
    let page = "<script type='application/ld+json'>{\"@graph\":[{\"name\":\"x\"},{\"datePublished\":\"2024-05-01\",\"author\":\
                [{\"name\":\"Ada\"},\"Ben\"]}]}</script><meta name=date content='May 1'><meta name=author content='https://x'><p>a";
    let found = html(page).unwrap().metadata;
    assert_eq!((&found["published"], &found["author"]), (&"2024-05-01".into(), &"Ada, Ben".into()));
}

#[test]
fn pages_without_an_article_keep_their_text() {
    let short = html("<title>t</title><p>就是一句话。</p>").unwrap();
    assert_eq!(short.text, "就是一句话。\n");
    let list: String = (0..200).map(|n| format!("<li><a href={n}>Entry number {n}</a></li>")).collect();
    let index = html(&format!("<ul>{list}</ul>")).unwrap();
    assert!(index.text.contains("Entry number 0\n") && index.text.contains("Entry number 199\n"));
    let only_navigation = html("<nav>All there is to say</nav>").unwrap();
    assert_eq!(only_navigation.text, "All there is to say\n");
    // Two articles of the same weight: readability would take one.
    let two = format!(
        "<div><div>{}<p>first end</p></div></div><div><div>{}<p>second end</p></div></div>",
        article(5),
        article(5)
    );
    let two = html(&two).unwrap();
    assert!(two.text.contains("first end") && two.text.contains("second end"));
    let documentation = format!("<div class=sidebar>{list}</div><main><h1>API</h1><p>Text.</p>{}</main>", article(1));
    let documentation = html(&documentation).unwrap();
    assert!(documentation.text.starts_with("# API\n\nText.\n"), "{}", documentation.text);
}

#[test]
fn pages_without_text_are_errors() {
    assert_eq!(
        html("<title>App</title><div id=root></div>").unwrap_err().to_string(),
        "a web page without text but its title, \"App\" (filled in by scripts?)"
    );
    assert_eq!(html("<script>x</script>").unwrap_err().to_string(), "a web page without text (filled in by scripts?)");
}

#[test]
fn charset_declarations_are_found_in_the_first_1024_bytes() {
    for (page, charset) in [
        ("<html><head><meta charset=\"GB2312\">", Some("gb2312")),
        ("<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=Big5'>", Some("big5")),
        ("<meta name=charsets content=x><meta charset = utf-8 />", Some("utf-8")),
        ("<?xml version=\"1.0\" encoding='gbk'?><html>", Some("gbk")),
        ("<p>charset=none", None),
        ("<meta charset=\"\">", None),
    ] {
        assert_eq!(declared_charset(page.as_bytes()).as_deref(), charset, "{page}");
    }
    assert_eq!(declared_charset(format!("{}<meta charset=gbk>", " ".repeat(1024)).as_bytes()), None);
    assert_eq!(declared_charset(b"\xb4\xf3<meta charset=gbk>").as_deref(), Some("gbk"));
}

/// Each of these pages takes quadratic time in a parser or a tree without a guard.
#[test]
fn hostile_pages_take_less_than_20_s() {
    const N: usize = 20_000;
    let cases = [
        ("divs", "<div>".repeat(N)),
        ("closed divs", format!("{}x{}", "<div>".repeat(N), "</div>".repeat(N))),
        ("spans over divs", "<span><div></span>".repeat(N)),
        ("divs in tables", "<div><table><tr><td></div>".repeat(N)),
        ("tables", "<table><tr><td>a".repeat(N)),
        ("lists", "<ul><li>a".repeat(N)),
        ("items", "<li>a".repeat(N)),
        ("links", "<a href=x>a".repeat(N)),
        ("links over divs", "<a><div>".repeat(N)),
        ("styles", (0..N).map(|n| format!("<p><b id={n}>a")).collect()),
        ("fonts", (0..N).map(|n| format!("<font size={n}>a")).collect()),
        ("buttons", "<button><p>a".repeat(N)),
        ("svg", "<svg><g>a".repeat(N)),
        ("headings", "<h1><span>a".repeat(N)),
        ("quotes", "<blockquote>a".repeat(N)),
        ("paragraphs", "<p>some words here, and more".repeat(N)),
        ("open tag", "<div ".repeat(N)),
        ("comments", "<!--".repeat(N)),
        ("frames", "<iframe srcdoc='<p>a<iframe srcdoc=\"<p>b\"></iframe>'></iframe>".repeat(N)),
        ("picture titles", format!("<svg>{}", "<title>a".repeat(N))),
        ("picture texts", format!("<svg>{}", "<text>a<text>b".repeat(N))),
        ("no scripts", "<noscript><p>a<noscript>".repeat(N)),
        ("shadows", "<a-b><template shadowrootmode=open><p>a".repeat(N)),
        ("formulas", "<math><mfrac><mi>a</mi><mi>b".repeat(N)),
        ("button texts", format!("{}{}", "<button>a</button>".repeat(N), "<h1><button>b".repeat(N))),
        ("xml", format!("<?xml?>{}", "<a/><svg/><title/>".repeat(N))),
    ];
    for (name, page) in cases {
        let page = format!("{page}<p>the last words");
        let begun = Instant::now();
        let _ = html(&page);
        let _ = body_markdown(&page);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(20), "{name}: {took:?}");
        // The others hide or swallow the text after them.
        if !matches!(
            name,
            "svg"
                | "comments"
                | "buttons"
                | "open tag"
                | "shadows"
                | "picture titles"
                | "picture texts"
                | "no scripts"
                | "formulas"
                | "button texts"
        ) {
            assert!(body(&page).contains("the last words"), "{name}");
        }
    }
}
