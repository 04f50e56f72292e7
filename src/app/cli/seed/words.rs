//! Generated texts: patterns whose gaps are filled with words from the crate `fake`.

use fake::{
    Fake,
    faker::{
        address::en::CityName,
        company::en::{BsNoun, BsVerb, BuzzwordMiddle, BuzzwordTail, CompanyName, Profession},
        name::en::{FirstName, LastName},
    },
};

use super::dice::Dice;

const TITLES: &[&str] = &[
    "How to {verb} {nouns} without losing your {thing}",
    "How {company} learned to {verb} {nouns}",
    "{n} ways to {verb} your {thing}",
    "{n} lessons from {n} years of {nouns}",
    "Why every {who} should {verb} {nouns}",
    "What no {who} tells you about {nouns}",
    "The {kind} {thing}, explained",
    "The case against the {kind} {thing}",
    "In praise of the {kind} {thing}",
    "Notes from {city}: {nouns} and the {thing}",
    "{nouns} for people who would rather {verb} than talk",
    "My year with the {kind} {thing}",
    "Do {nouns} still need the {who}?",
    "From {city} with {nouns}",
    "A letter to the {who} who wants to {verb} {nouns}",
    "{name}'s guide to {nouns}",
];

const DESCRIPTIONS: &[&str] = &[
    "What {n} months with the {kind} {thing} have taught us",
    "On {nouns}, and what they do to the {who} next door",
    "It began in {city}, and it ended with {nouns}",
    "Some would {verb} {nouns}; this is about the others",
    "A short story of a long {thing}",
    "Everything that {name} never asked about {nouns}",
    "With {n} examples, of which one works",
];

const SENTENCES: &[&str] = &[
    "At {company} we used to {verb} {nouns} by hand, and nobody complained but the {who}.",
    "Then {name} came in from {city} and asked a simple question: who needs the {kind} {thing}?",
    "Most people who {verb} {nouns} will tell you that it cannot be done any other way.",
    "That turned out to be only half of the {thing}.",
    "The other half was {kind} from the beginning, and it took us {n} weeks to see it.",
    "Before you {verb} anything, write down what your {thing} is for.",
    "If the answer has more than {n} words, start again.",
    "I have met exactly {n} people who understand {nouns}, and each of them had been a {who} before.",
    "The {kind} {thing} is a fine idea until somebody wants to {verb} it.",
    "There is no shame in a {thing} that nobody uses, as long as somebody knows why.",
    "In {city} they have a word for {nouns} that grow faster than the {thing} below them.",
    "What surprised us most was how little the {who} cared.",
    "We measured it {n} times, with and without {nouns}, and the difference was smaller than the noise.",
    "So we stopped, took the {thing} apart, and kept the {n} pieces that we could explain.",
    "It is easier to {verb} {nouns} than to say no to {name}.",
    "None of this would have happened at {company}, where a {who} looks at every {thing} twice.",
    "You may {verb} the {kind} {thing} today, but it is {nouns} that you will maintain tomorrow.",
    "Ask any {who}: {nouns} are the easy part.",
    "For a while it looked as if the {kind} {thing} would win.",
    "{name} still has the drawing on the wall, next to a photograph of {city}.",
    "Next time we shall {verb} first and discuss the {thing} afterwards.",
    "That is the whole trick, and it took us {n} years.",
];

const HEADINGS: &[&str] = &[
    "The {kind} {thing}",
    "What the {who} saw",
    "{nouns}, step by step",
    "How not to {verb} {nouns}",
    "Back in {city}",
    "What comes next",
    "The numbers",
    "A word of warning",
];

const POINTS: &[&str] = &[
    "**{verb}** the {thing} before anybody else does",
    "{nouns}: fewer of them, and better ones",
    "ask the {who}",
    "a {thing} that fits on *one* page",
    "no more than {n} {nouns} at a time",
    "whatever `{name}` says",
];

const REMARKS: &[&str] = &[
    "Thank you, this is just what our {who} needed to hear.",
    "I tried to {verb} {nouns} once. Never again.",
    "Does it work with the {kind} {thing} too?",
    "We have done the same at {company} for {n} years, with better {nouns}.",
    "Greetings from {city}, where the {thing} is still {kind}!",
    "You lost me at \"{kind} {thing}\", but I stayed for the {nouns}.",
    "{name} would disagree.",
    "Great article. One thing, though: it took us {n} months, not {n} weeks.",
    "Could you write more about {nouns}?",
    "This. So much this.",
    "As a {who} I have to say: no.",
    "Bookmarked. I shall {verb} our {thing} on Monday.",
];

const BIOS: &[&str] = &[
    "{who} in {city}",
    "I {verb} {nouns} at {company}",
    "{who}, reader, collector of {nouns}",
    "Mostly {nouns}. Sometimes the {kind} {thing}.",
    "{who} by day, {who} by night",
];

pub fn title(dice: &mut Dice) -> String {
    capitalized(filled(TITLES, dice))
}

pub fn description(dice: &mut Dice) -> String {
    filled(DESCRIPTIONS, dice)
}

pub fn remark(dice: &mut Dice) -> String {
    let mut remark = filled(REMARKS, dice);
    if dice.is_true(40) {
        remark.push(' ');
        remark.push_str(&filled(SENTENCES, dice));
    }
    remark
}

pub fn bio(dice: &mut Dice) -> String {
    capitalized(filled(BIOS, dice))
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
        body.push_str(&capitalized(filled(HEADINGS, dice)));
        body.push_str("\n\n");
        let block = match dice.below(8) {
            0 => list(dice, |_| String::from("- ")),
            1 => list(dice, |number| format!("{number}. ")),
            2 => format!("> {}\n\n{}", filled(SENTENCES, dice), paragraph(dice)),
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
    let sentences: Vec<String> = (0..count).map(|_| capitalized(filled(SENTENCES, dice))).collect();
    sentences.join(" ")
}

fn list(dice: &mut Dice, marker: fn(u32) -> String) -> String {
    let points: Vec<String> = (1..=3 + dice.below(3)).map(|number| marker(number) + &filled(POINTS, dice)).collect();
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
        for pattern in [TITLES, DESCRIPTIONS, SENTENCES, HEADINGS, POINTS, REMARKS, BIOS].concat() {
            let mut rest = pattern;
            while let Some((_, gap, after)) = next_gap(rest) {
                assert!(known.contains(&gap), "{gap} in {pattern}");
                rest = after;
            }
        }
    }
}
