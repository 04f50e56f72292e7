//! Invisible characters: two names that differ only in these would look alike.

/// Returns whether `c` is not drawn: a `Default_Ignorable_Code_Point` (The Unicode Standard,
/// section 5.21, `DerivedCoreProperties.txt`), a line or paragraph separator, an interlinear
/// annotation or a hieroglyph joiner. The rest of the category `Cf`, such as the Arabic number
/// signs, is visible.
pub fn is_invisible(c: char) -> bool {
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
    fn drawn_characters_are_visible() {
        assert!(!"aß李🦄 \u{301}\u{a0}\u{600}".chars().any(is_invisible));
    }

    proptest! {
        #[test]
        fn characters_with_invisible_unicode_properties_are_invisible(
            c in "[\\p{Bidi_Control}\\p{Join_Control}\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}]"
        ) {
            prop_assert!(c.chars().all(is_invisible));
        }
    }
}
