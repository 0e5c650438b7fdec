//! One way to write a value, so that its hash can be made again.

use serde_json::Value;

/// JSON with sorted members and no spaces (RFC 8785; our JSON holds no fractions), so that equal values give equal
/// bytes whatever order they were written in.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            // RFC 8785 §3.2.3: by UTF-16 code units.
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            let inner: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_does_not_depend_on_order() {
        let a: Value = serde_json::from_str(r#"{"b": [1, {"y": null, "x": "đ"}], "a": true}"#).expect("JSON");
        let b: Value = serde_json::from_str(r#"{"a":true,"b":[1,{"x":"đ","y":null}]}"#).expect("JSON");
        assert_eq!(canonical(&a), canonical(&b));
        assert_eq!(canonical(&a), r#"{"a":true,"b":[1,{"x":"đ","y":null}]}"#);
    }
}
