//! Characters that nobody sees.

/// Whether a reader sees nothing of `c`, so that two names with and without it would look alike.
///
/// These are `Default_Ignorable_Code_Point` (The Unicode Standard, section 5.21, the list in
/// `DerivedCoreProperties.txt`), among them every bidirectional control, joiner, variation selector
/// and Hangul filler; and what else breaks lines or formats without being drawn: U+2028 and U+2029,
/// the interlinear annotations and the joiners of hieroglyphs. The rest of the category `Cf`, such
/// as the Arabic number signs, is visible.
pub fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_drawn_is_seen() {
        assert!(!"aß李🦄 \u{301}\u{a0}\u{600}".chars().any(is_unseen));
    }

    proptest! {
        #[test]
        fn unicode_s_own_properties_agree(
            c in "[\\p{Bidi_Control}\\p{Join_Control}\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}]"
        ) {
            prop_assert!(c.chars().all(is_unseen));
        }
    }
}
