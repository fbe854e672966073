//! How a job ended and what it said, with the assertions that every test makes of it.

use std::process::Output;

use serde_json::Value;

/// The code with which `timeout` ends where the limit was reached. Had it to kill the job, it
/// kills itself with it and has none.
pub const HUNG: i32 = 124;

/// How a job ended, and what it said.
#[derive(Debug)]
pub struct Outcome {
    pub command: String,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// What a command has left, which ended by itself or at its limit.
    pub fn of(command: impl Into<String>, output: Output) -> Outcome {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Outcome {
            command: command.into(),
            code: output.status.code().unwrap_or(HUNG),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Asserts that it ended by itself.
    pub fn expect_end(self) -> Outcome {
        assert_ne!(self.code, HUNG, "the job hung: {self:#?}");
        self
    }

    /// Asserts that all is well and nothing was said about it; returns the standard output.
    pub fn expect_ok(&self) -> &str {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:#?}");
        &self.stdout
    }

    /// Asserts that all is well and that the output is exactly one JSON object, and parses it.
    pub fn expect_json(&self) -> Value {
        let stdout = self.expect_ok();
        self.object(stdout)
    }

    /// Asserts an error in text: the code, exactly one message, which has all the `parts`, and
    /// nothing on standard output.
    pub fn expect_error(&self, code: i32, parts: &[&str]) {
        self.expect_message(code, parts);
        assert_eq!(self.stdout, "", "an error has no result: {self:#?}");
    }

    /// The same, whatever stands on standard output.
    pub fn expect_message(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.messages(), 1, "one message, said once: {self:#?}");
        self.assert_parts(&self.stderr, parts);
    }

    /// Asserts an error in JSON: the code, one object with the message, nothing as text.
    pub fn expect_json_error(&self, code: i32, parts: &[&str]) {
        assert_eq!((self.code, self.messages()), (code, 0), "{self:#?}");
        let report = self.object(&self.stdout);
        assert_eq!(report["status"], "error", "{self:#?}");
        assert_eq!(report["code"], code, "{self:#?}");
        let message = report["message"].as_str().unwrap_or_else(|| panic!("no message: {self:#?}"));
        self.assert_parts(message, parts);
    }

    /// The bytes of the answer in a report as JSON: its distance and its two cities.
    pub fn answer(&self) -> &str {
        let report = self.expect_ok();
        let begin = report.find("  \"distance_km\"").expect("a report has a distance");
        let length = report[begin..].find(",\n  \"cities\"");
        &report[begin..begin + length.expect("then the pair, then the cities")]
    }

    fn messages(&self) -> usize {
        self.stderr.lines().filter(|line| line.starts_with("farthest:")).count()
    }

    fn object(&self, text: &str) -> Value {
        let value: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        assert!(value.is_object(), "{self:#?}");
        value
    }

    fn assert_parts(&self, message: &str, parts: &[&str]) {
        for part in parts {
            assert!(message.contains(part), "expected {part:?} in the message of {self:#?}");
        }
    }
}
