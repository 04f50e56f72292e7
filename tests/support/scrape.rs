//! What `/metrics` told at one moment.

use std::collections::{BTreeMap, BTreeSet};

use super::Reply;

/// A series' labels.
pub type Labels = BTreeMap<String, String>;

/// All series of one scrape.
pub struct Scrape {
    /// As it came.
    pub text: String,
    samples: Vec<(String, Labels, f64)>,
}

impl Scrape {
    /// Asks for it.
    pub async fn of(url: &str) -> Self {
        let reply = Reply::of(reqwest::Client::new().get(url)).await.status(200);
        assert_eq!(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
        let text = reply.text();
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples = lines.map(|line| sample(line).unwrap_or_else(|| panic!("no sample: {line}"))).collect();
        Self { text, samples }
    }

    /// The sum of the series of this name that have these labels; 0 without any.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.matching(name, labels).map(|(_, value)| value).sum()
    }

    /// The sums of the series of this name by the values of a label.
    pub fn by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for (labels, value) in self.matching(name, &[]) {
            *sums.entry(labels[label].clone()).or_default() += value;
        }
        sums
    }

    /// The labels of the series of this name.
    pub fn labels(&self, name: &str) -> Vec<&Labels> {
        self.matching(name, &[]).map(|(labels, _)| labels).collect()
    }

    /// What is the same in scrapes between which no series was added.
    pub fn series(&self) -> BTreeSet<(&str, &Labels)> {
        self.samples.iter().map(|(name, labels, _)| (name.as_str(), labels)).collect()
    }

    /// The types by the names of the metrics.
    pub fn types(&self) -> BTreeMap<&str, &str> {
        self.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
    }

    fn matching(&self, name: &str, wanted: &[(&str, &str)]) -> impl Iterator<Item = (&Labels, f64)> {
        let has =
            move |labels: &Labels| wanted.iter().all(|(label, value)| labels.get(*label).is_some_and(|v| v == value));
        let of_name = self.samples.iter().filter(move |(given, labels, _)| given == name && has(labels));
        of_name.map(|(_, labels, value)| (labels, *value))
    }
}

/// `NAME{LABEL="VALUE",...} VALUE`; no value of ours holds a comma, a quote or a space.
fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let labels = labels.strip_suffix('}')?.split(',').filter(|label| !label.is_empty());
    let pair = |label: &str| {
        let (name, value) = label.split_once('=')?;
        Some((name.to_owned(), value.strip_prefix('"')?.strip_suffix('"')?.to_owned()))
    };
    Some((name.to_owned(), labels.map(pair).collect::<Option<_>>()?, value.parse().ok()?))
}
