//! What answers of this API are expected to be.

use serde_json::{Map, Value, json};

use crate::support::Reply;

impl Reply {
    /// Asserts the status and every byte of the body.
    #[track_caller]
    pub fn has_text(self, status: u16, text: &str) -> Self {
        let reply = self.status(status);
        assert_eq!(reply.text(), text, "{}", reply.asked);
        reply
    }

    /// Asserts errors of the contract, one message for each key.
    #[track_caller]
    pub fn has_errors(self, status: u16, errors: &[(&str, &str)]) -> Self {
        let errors: Map<String, Value> = errors.iter().map(|(key, text)| ((*key).to_owned(), json!([text]))).collect();
        self.is(status, json!({"errors": errors}))
    }

    /// Asserts an error in the shape that all errors have, whatever it says.
    #[track_caller]
    pub fn has_shape(self, status: u16) -> Self {
        let reply = self.status(status);
        let body = reply.json();
        let is_text = |list: &Vec<Value>| !list.is_empty() && list.iter().all(Value::is_string);
        let are_texts = |errors: &Map<_, Value>| errors.values().all(|list| list.as_array().is_some_and(is_text));
        let is_shaped = body["errors"].as_object().is_some_and(|errors| !errors.is_empty() && are_texts(errors));
        assert!(is_shaped && body.as_object().map(Map::len) == Some(1), "{}: {body}", reply.asked);
        assert_eq!(reply.header("Content-Type"), "application/json; charset=utf-8", "{}", reply.asked);
        reply
    }

    /// Asserts a list of articles: the titles of this page in order, and how many articles are on all pages.
    #[track_caller]
    pub fn lists(self, titles: &[&str], total: u64) -> Self {
        let reply = self.status(200);
        assert_eq!(reply.titles(), titles, "{}", reply.asked);
        reply.has("/articlesCount", total)
    }

    /// A point in time as the contract writes it; such texts sort by time.
    #[track_caller]
    pub fn date_at(&self, pointer: &str) -> String {
        let date = self.text_at(pointer);
        let form: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(form, "0000-00-00T00:00:00.000Z", "{pointer} of {}: {date}", self.asked);
        date
    }

    /// A list in the body.
    #[track_caller]
    pub fn list_at(&self, pointer: &str) -> Vec<Value> {
        let Value::Array(items) = self.at(pointer) else { panic!("{pointer} of {} is no list", self.asked) };
        items
    }
}
