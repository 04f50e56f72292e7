//! Parser of `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE&NAME=VALUE`.

/// Returns the URL of each server, in the given order.
pub fn urls_of(url: &str) -> Vec<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (credentials, hosts) = match authority.rsplit_once('@') {
        Some((credentials, hosts)) => (format!("{credentials}@"), hosts),
        None => (String::new(), authority),
    };
    hosts.split(',').map(|host| format!("{scheme}://{credentials}{host}{tail}")).collect()
}

pub fn has_parameter(url: &str, name: &str) -> bool {
    parameters(url).any(|parameter| parameter.split_once('=').is_some_and(|(given, _)| given == name))
}

/// Removes `sslmode=verify-full`, which tokio-postgres does not know. Returns whether it was there.
pub fn without_verify_full(url: &str) -> (String, bool) {
    let verifies = |parameter: &&str| *parameter == "sslmode=verify-full";
    let base = url.split_once('?').map_or(url, |(base, _)| base);
    let rest: Vec<&str> = parameters(url).filter(|parameter| !verifies(parameter)).collect();
    let without = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    (without, parameters(url).any(|parameter| verifies(&parameter)))
}

fn parameters(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter(|parameter| !parameter.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_own_url() {
        let cases: [(&str, &[&str]); 5] = [
            ("postgres://h/d", &["postgres://h/d"]),
            ("postgres://u:p@h1:1,h2/d?a=b,c", &["postgres://u:p@h1:1/d?a=b,c", "postgres://u:p@h2/d?a=b,c"]),
            ("postgresql://u@[::1]:5,h?a=1", &["postgresql://u@[::1]:5?a=1", "postgresql://u@h?a=1"]),
            ("postgres://h1,h2", &["postgres://h1", "postgres://h2"]),
            ("postgres:///d?host=/run", &["postgres:///d?host=/run"]),
        ];
        for (given, urls) in cases {
            assert_eq!(urls_of(given), urls);
        }
    }

    #[test]
    fn parameters_are_found_by_their_names() {
        let url = "postgres://h/d?target_session_attrs=any&keepalives_idle=1";
        assert!(has_parameter(url, "target_session_attrs") && has_parameter(url, "keepalives_idle"));
        assert!(!has_parameter(url, "keepalives") && !has_parameter("postgres://h/d", "host"));
    }

    #[test]
    fn driver_does_not_receive_verify_full() {
        let cases = [
            ("postgres://h/d", "postgres://h/d", false),
            ("postgres://h/d?sslmode=require", "postgres://h/d?sslmode=require", false),
            ("postgres://h/d?sslmode=verify-full", "postgres://h/d", true),
            ("postgres://h/d?a=1&sslmode=verify-full&b=2", "postgres://h/d?a=1&b=2", true),
        ];
        for (given, url, verifies) in cases {
            assert_eq!(without_verify_full(given), (url.to_owned(), verifies));
        }
    }
}
