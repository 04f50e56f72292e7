//! Generated texts: patterns whose gaps are filled with words from the crate `fake`.

use std::sync::LazyLock;

use fake::Fake;
use fake::faker::address::en::CityName;
use fake::faker::company::en::{BsNoun, BsVerb, BuzzwordMiddle, BuzzwordTail, CompanyName, Profession};
use fake::faker::name::en::{FirstName, LastName};

use super::dice::Dice;

type Patterns = LazyLock<Vec<&'static str>>;

static TITLES: Patterns = LazyLock::new(|| include_str!("words/titles.txt").lines().collect());
static DESCRIPTIONS: Patterns = LazyLock::new(|| include_str!("words/descriptions.txt").lines().collect());
static SENTENCES: Patterns = LazyLock::new(|| include_str!("words/sentences.txt").lines().collect());
static HEADINGS: Patterns = LazyLock::new(|| include_str!("words/headings.txt").lines().collect());
static POINTS: Patterns = LazyLock::new(|| include_str!("words/points.txt").lines().collect());
static REMARKS: Patterns = LazyLock::new(|| include_str!("words/remarks.txt").lines().collect());
static BIOS: Patterns = LazyLock::new(|| include_str!("words/bios.txt").lines().collect());

pub fn title(dice: &mut Dice) -> String {
    capitalized(filled(&TITLES, dice))
}

pub fn description(dice: &mut Dice) -> String {
    filled(&DESCRIPTIONS, dice)
}

pub fn remark(dice: &mut Dice) -> String {
    let mut remark = filled(&REMARKS, dice);
    if dice.is_true(40) {
        remark.push(' ');
        remark.push_str(&filled(&SENTENCES, dice));
    }
    remark
}

pub fn bio(dice: &mut Dice) -> String {
    capitalized(filled(&BIOS, dice))
}

/// Returns a first and a last name, in letters from a to z.
pub fn username(dice: &mut Dice) -> String {
    let (first, last): (&str, &str) = (FirstName().fake_with_rng(&mut dice.0), LastName().fake_with_rng(&mut dice.0));
    let letters = |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    format!("{}.{}", letters(first), letters(last))
}

/// Returns Markdown: an introduction and a few sections with paragraphs, lists, quotes, code or a
/// table.
pub fn body(dice: &mut Dice) -> String {
    let mut body = paragraph(dice);
    for _ in 0..=dice.below(3) {
        body.push_str("\n\n## ");
        body.push_str(&capitalized(filled(&HEADINGS, dice)));
        body.push_str("\n\n");
        let block = match dice.below(8) {
            0 => list(dice, |_| String::from("- ")),
            1 => list(dice, |number| format!("{number}. ")),
            2 => format!("> {}\n\n{}", filled(&SENTENCES, dice), paragraph(dice)),
            3 => format!("{}\n\n```sh\n{}\n```", paragraph(dice), code(dice)),
            4 => table(dice),
            _ => format!("{}\n\n{}", paragraph(dice), paragraph(dice)),
        };
        body.push_str(&block);
    }
    body
}

fn paragraph(dice: &mut Dice) -> String {
    let count = 2 + dice.below(3);
    let sentences: Vec<String> = (0..count).map(|_| capitalized(filled(&SENTENCES, dice))).collect();
    sentences.join(" ")
}

fn list(dice: &mut Dice, marker: fn(u32) -> String) -> String {
    let points: Vec<String> = (1..=3 + dice.below(3)).map(|number| marker(number) + &filled(&POINTS, dice)).collect();
    format!("{}\n\n{}", paragraph(dice), points.join("\n"))
}

fn code(dice: &mut Dice) -> String {
    let word = |text: String| text.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let [verb, nouns] = ["{verb}", "{nouns}"].map(|gap| word(filled(&[gap], dice)));
    format!("{verb} --dry-run {nouns}\n{verb} {nouns} | sort | uniq -c")
}

fn table(dice: &mut Dice) -> String {
    let rows: Vec<String> = (0..3).map(|_| filled(&["| {nouns} | {n} | {n} |"], dice)).collect();
    format!("| what | before | after |\n|---|---|---|\n{}\n\n{}", rows.join("\n"), paragraph(dice))
}

/// Returns one of the patterns with its gaps filled.
fn filled(patterns: &[&str], dice: &mut Dice) -> String {
    let mut rest = dice.choose(patterns).unwrap_or_default();
    let mut text = String::with_capacity(rest.len() * 2);
    while let Some((before, gap, after)) = next_gap(rest) {
        text.push_str(before);
        push_word(&mut text, gap, dice);
        rest = after;
    }
    text.push_str(rest);
    text
}

fn next_gap(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (gap, after) = rest.split_once('}')?;
    Some((before, gap, after))
}

fn push_word(text: &mut String, gap: &str, dice: &mut Dice) {
    let rng = &mut dice.0;
    match gap {
        "verb" => text.push_str(BsVerb().fake_with_rng(rng)),
        "nouns" => text.push_str(BsNoun().fake_with_rng(rng)),
        "thing" => text.push_str(BuzzwordTail().fake_with_rng(rng)),
        "kind" => text.push_str(BuzzwordMiddle().fake_with_rng(rng)),
        "who" => text.push_str(Profession().fake_with_rng(rng)),
        "name" => text.push_str(FirstName().fake_with_rng(rng)),
        "company" => text.push_str(&CompanyName().fake_with_rng::<String, _>(rng)),
        "city" => text.push_str(&CityName().fake_with_rng::<String, _>(rng)),
        _ => text.push_str(&(2 + dice.below(11)).to_string()),
    }
}

fn capitalized(text: String) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(rest).collect(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_only_known_gaps() {
        let known = ["verb", "nouns", "thing", "kind", "who", "name", "company", "city", "n"];
        let tables = [&TITLES, &DESCRIPTIONS, &SENTENCES, &HEADINGS, &POINTS, &REMARKS, &BIOS];
        for pattern in tables.iter().flat_map(|patterns| patterns.iter()) {
            let mut rest = *pattern;
            while let Some((_, gap, after)) = next_gap(rest) {
                assert!(known.contains(&gap), "{gap} in {pattern}");
                rest = after;
            }
        }
    }
}
