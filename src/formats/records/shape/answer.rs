//! Answers of servers that hold no list: what went wrong, or that there is nothing.

use super::Advice;
use super::members::{Members, path};
use crate::angle::shown;
use crate::formats::json::{Kind, Value};

/// What to do with an object that looks like the error answer of a server.
pub fn advice(answer: &Members<'_>) -> Option<Advice> {
    let message = error(answer)?;
    let found = format!("what looks like the error answer of a server and no list: {message}");
    Some(Advice { found, remedy: "mend the request, and ask again".into() })
}

/// What such an object says.
fn error(answer: &Members<'_>) -> Option<String> {
    const FAULTS: [&str; 7] =
        ["error", "errors", "error_message", "errorMessage", "exception", "fault", "fault_code"];
    const TEXTS: [&str; 4] = ["message", "detail", "msg", "reason"];
    const CODES: [&str; 6] =
        ["status", "code", "statusCode", "errorCode", "success", "documentation_url"];
    let has = |keys: &[&str]| keys.iter().any(|key| answer.get(key).is_some_and(says_something));
    let is_status =
        answer.get("status").is_some_and(|status| message(&answer.inside(status)).is_some());
    let is_error = has(&FAULTS)
        || (has(&TEXTS) && CODES.iter().any(|key| answer.get(key).is_some()))
        || (answer.all().len() == 1 && (is_status || has(&TEXTS)));
    is_error.then(|| message(answer).unwrap_or_else(|| "no message".to_string()))
}

/// Whether a value is more than "no error".
fn says_something(value: Value<'_>) -> bool {
    !matches!(value.raw, b"null" | b"false" | b"\"\"" | b"0" | b"[]" | b"{}")
}

/// The words for what went wrong, in the object or in one within it.
fn message(answer: &Members<'_>) -> Option<String> {
    const KEYS: [&str; 10] = [
        "message",
        "error_message",
        "errorMessage",
        "error_description",
        "detail",
        "msg",
        "reason",
        "info",
        "error",
        "title",
    ];
    let texts = KEYS.iter().filter_map(|key| answer.get(key)?.string());
    if let Some(text) = texts.into_iter().find(|text| !text.is_empty()) {
        return Some(shown(&text));
    }
    ["error", "errors", "status", "fault", "exception"].iter().find_map(|key| {
        let value = answer.get(key)?;
        match value.kind() {
            // One level at a time, and never deeper than the text is checked to be.
            Kind::Object => message(&answer.inside(value)),
            Kind::Array => {
                let first = answer.items(value).next()?;
                first.string().map(|text| shown(&text)).or_else(|| message(&answer.inside(first)))
            }
            _ => None,
        }
    })
}

/// The key of a list that is empty, and what is said beside it.
pub fn empty(answer: &Members<'_>) -> Option<(String, Option<String>)> {
    let is_empty = |value: &Value<'_>| answer.items(*value).next().is_none();
    let (key, _) = answer.of_kind(Kind::Array).find(|(_, value)| is_empty(value))?;
    let remark = ["remark", "message", "status"].iter().find_map(|key| answer.get(key)?.string());
    path(key).map(|_| (shown(key.as_bytes()), remark.map(|remark| shown(&remark))))
}
