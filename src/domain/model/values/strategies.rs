//! Text that is hard to parse, for the property tests of this module.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Any text, biased towards what the rules are about.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => any::<String>(),
        4 => vec(piece(), 0..8).prop_map(|pieces| pieces.concat()),
        1 => (any::<char>(), 0_usize..400).prop_map(|(c, times)| c.to_string().repeat(times)),
    ]
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(TRICKY).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9 @._-]{1,12}",
        1 => "\\p{Default_Ignorable_Code_Point}",
        1 => "\\p{Cf}",
        1 => "-?[0-9]{1,24}",
        1 => any::<char>().prop_map(String::from),
    ]
}

/// White space, controls, delimiters of URLs and addresses, and letters whose case or compatible
/// forms are several characters or unexpected ones.
const TRICKY: &[&str] = &[
    "", " ", "\t", "\n", "\0", "\u{7f}", "\u{85}", "\u{a0}", "\u{3000}", "/", "?", "#", "%", ".", "..", "@", "-",
    "feed", "Feed", "amy", "AMY", "Ａ", "ﬁ", "ß", "ẞ", "İ", "ı", "ς", "Σ", "\u{345}", "\u{301}", "\u{37a}", "ᾳ", "Å",
    "\u{212b}", "／", "？", "＃", "％", "＠", "․", "‥", "℀", "⁇", "ﷺ", "\u{200b}", "\u{202e}", "\u{2066}", "\u{feff}",
    "\u{fe0f}", "\u{3164}", "日本", "🦄", "0", "-1",
];
