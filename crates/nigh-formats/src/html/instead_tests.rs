//! Tests of the text in place of elements, or next to them: choices, signs, titles.

use super::body_markdown;

fn body(html: &str) -> String {
    body_markdown(html).1
}

#[test]
fn choice_lists_show_the_chosen_choices() {
    for (html, expected) in [
        (
            "<p>Port <select><option>Oban<option selected> Wick\n town<option>Ayr</select> today",
            "Port Wick town today\n",
        ),
        ("<p>Port <select><option hidden>Pick<option label='Oban'>o<option>Ayr</select>", "Port Oban\n"),
        (
            "<p><select multiple><optgroup label='North'><option>Wick</optgroup><option>Ayr</select>",
            "North, Wick, Ayr\n",
        ),
        ("<p><select size=3><option>Wick<option selected>Ayr</select>", "Wick, Ayr\n"),
        ("<p><select multiple size=1><option>Wick<option selected>Ayr</select>", "Ayr\n"),
        ("<p>a<select style='display:none'><option>no</select>", "a\n"),
        ("<p>a<select></select>", "a\n"),
        ("<table><tr><td>Port<td><select><option>Oban</select><tr><td>Day<td>1</table>", "Port | Oban\nDay | 1\n"),
        (
            "<p><input type=search value='tide tables'> <input type=time value='09:30'><input type=password value=x>",
            "tide tables 09:30\n",
        ),
    ] {
        assert_eq!(body(html), expected, "{html}");
    }
}

#[test]
fn sign_meanings_and_useful_titles() {
    for (html, expected) in [
        ("<p>Rated <span class=stars aria-label='4 of 5 stars'><i></i></span>", "Rated 4 of 5 stars\n"),
        (
            "<table><tr><th>Port<th title='Water at all tides'>W<tr><td>Oban<td title='yes'><tr><td>Ayr<td title='no'></td></table>",
            "Port | W (Water at all tides)\nOban | yes\nAyr | no\n",
        ),
        (
            "<p><a href=x title='The whole of a long name'>The whole of…</a> and <a href=x title='Wick'>the port</a>",
            "The whole of… (The whole of a long name) and the port\n",
        ),
        (
            "<p><span title='A hint'>word</span> <a href='#x' aria-label='Permalink'></a><span title='no'><img alt='A crane'></span>",
            "word A crane\n",
        ),
        ("<p><span title='no' hidden></span>x", "x\n"),
    ] {
        assert_eq!(body(html), expected, "{html}");
    }
}
