//! Result of a child process, with assertions.

use std::process::ExitStatus;

/// Exit status and output of a process that ended.
#[derive(Debug)]
pub struct Exit {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Exit {
    /// Asserts that the output contains none of the secrets.
    pub fn new(status: ExitStatus, stdout: Vec<u8>, stderr: Vec<u8>, secrets: &[String]) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let exit = Self { status: status.code(), stdout: text(stdout), stderr: text(stderr) };
        secrets.iter().for_each(|secret| exit.assert_secret_absent(secret));
        exit
    }

    /// Asserts that the output has a secret neither as text nor as a list of bytes, its form in
    /// Rust's debug output.
    #[track_caller]
    pub fn assert_secret_absent(&self, secret: &str) {
        let bytes = format!("{:?}", secret.as_bytes());
        let mut lines = self.stdout.lines().chain(self.stderr.lines());
        let line = lines.find(|line| line.contains(secret) || line.contains(bytes.trim_matches(['[', ']'])));
        assert_eq!(line, None, "contains {secret}");
    }

    /// Asserts success without a line on standard error, and returns the output.
    #[track_caller]
    pub fn assert_success(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// Asserts success, and returns the lines on standard error.
    #[track_caller]
    pub fn assert_warnings(self) -> Vec<String> {
        assert_eq!(self.status, Some(0), "{self:?}");
        self.stderr.lines().map(str::to_owned).collect()
    }

    /// Asserts failure with one line on standard error, and returns the line.
    #[track_caller]
    pub fn assert_failure(self) -> String {
        let lines: Vec<&str> = self.stderr.lines().collect();
        let [line] = lines[..] else { panic!("not one line: {self:?}") };
        assert_eq!(self.status, Some(1), "{line}");
        line.to_owned()
    }
}
