//! One scrape of `/metrics`.

use std::collections::{BTreeMap, BTreeSet};

use super::Response;

/// Labels of a series.
pub type Labels = BTreeMap<String, String>;

/// All series of a scrape.
pub struct Scrape {
    /// Body in the text format.
    pub text: String,
    samples: Vec<(String, Labels, f64)>,
}

impl Scrape {
    /// Scrapes the metrics at this URL.
    pub async fn fetch(url: &str) -> Self {
        let response = Response::fetch(reqwest::Client::new().get(url)).await.assert_status(200);
        assert_eq!(response.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
        let text = response.text();
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples = lines.map(|line| sample(line).unwrap_or_else(|| panic!("not a sample: {line}"))).collect();
        Self { text, samples }
    }

    /// Sum of the series of this name that have these labels; 0 if there are no such series.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.matching(name, labels).map(|(_, value)| value).sum()
    }

    /// Sums of the series of this name, by the values of a label.
    pub fn by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for (labels, value) in self.matching(name, &[]) {
            *sums.entry(labels[label].clone()).or_default() += value;
        }
        sums
    }

    /// Labels of the series of this name.
    pub fn labels(&self, name: &str) -> Vec<&Labels> {
        self.matching(name, &[]).map(|(labels, _)| labels).collect()
    }

    /// Names and labels of all series. Two scrapes have the same unless a series was added between them.
    pub fn series(&self) -> BTreeSet<(&str, &Labels)> {
        self.samples.iter().map(|(name, labels, _)| (name.as_str(), labels)).collect()
    }

    /// Types of the metrics, by name.
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

/// Parses `NAME{LABEL="VALUE",...} VALUE`. No label value of this program has a comma, a quote or a space.
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
