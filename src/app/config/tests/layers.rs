//! Precedence of environment, YAML and defaults, and problems of the YAML file.

use super::super::Config;
use super::{env, errors};

fn yaml_errors(yaml: &str) -> String {
    Config::load_from(Some(yaml), &env(&[])).unwrap_err().to_string()
}

#[test]
fn environment_takes_precedence_over_yaml_and_yaml_over_the_default() {
    let yaml = "port: 1\nmetrics_port: 2";
    let config = Config::load_from(Some(yaml), &env(&[("PORT", "3"), ("METRICS_PORT", "")]));
    let http = config.unwrap().http;
    assert_eq!((http.port, http.metrics_port, http.body_limit), (3, 2, 1024 * 1024));
}

#[test]
fn yaml_may_use_its_own_types_and_omit_values() {
    let yaml = "migrate_on_start: false\nworkers: 3\njwt_secret:\nhost: \"\"\n\
                cors_allowed_origins: [https://a.example, https://b.example]";
    let config = Config::load_from(Some(yaml), &env(&[])).unwrap();
    assert!(!config.database.migrate_on_start);
    assert_eq!(config.http.workers, 3);
    assert_eq!(format!("{:?}", config.http.cors), r#"These(["https://a.example", "https://b.example"])"#);
}

#[test]
fn unknown_keys_are_rejected_by_name() {
    assert_eq!(
        yaml_errors("databse_url: x\nPORT: 1\ncolour_of_sky: blue"),
        "\"PORT\" in the configuration file is no setting: did you mean port?\n\
         \"colour_of_sky\" in the configuration file is no setting\n\
         \"databse_url\" in the configuration file is no setting: did you mean database_url?"
    );
    assert!(yaml_errors("conduit_config: other.yaml").contains("conduit_config"));
}

#[test]
fn unknown_variables_are_ignored() {
    assert!(Config::load_from(None, &env(&[("POTR", "1"), ("a.b[0", "2")])).is_ok());
}

#[test]
fn error_of_a_broken_file_does_not_quote_it() {
    let list = "the configuration file is no list of `name: value` lines in YAML";
    assert_eq!(yaml_errors("jwt_secret=hunter2"), list);
    assert_eq!(yaml_errors("[hunter2]"), list);
    let error = yaml_errors("port: 1\nhost: : x");
    assert!(error.starts_with(list) && error.contains("line 2"), "{error}");
}

#[test]
fn digits_that_yaml_would_round_need_quotes() {
    let digits = "1234567890".repeat(4);
    assert_eq!(
        yaml_errors(&format!("jwt_secret: {digits}")),
        "JWT_SECRET is not plain text in YAML: expected quotes around it"
    );
    assert!(Config::load_from(Some(&format!("jwt_secret: '{digits}'")), &env(&[])).is_ok());
}

#[test]
fn every_wrong_setting_is_reported_at_once() {
    let text = errors(&[("PORT", "80a"), ("CONDUIT_PROFILE", "staging"), ("LOG_FORMAT", "xml")]);
    assert_eq!(text.lines().count(), 3, "{text}");
}
