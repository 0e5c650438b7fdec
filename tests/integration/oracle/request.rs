//! Reading and changing one fact in the body of a request about one person.

use serde_json::{Map, Value as Json, json};

/// The place of a fact in a request about one person: the object that holds it, and the member's name.
fn path(id: &str) -> (String, &str) {
    match id.split_once('.') {
        Some((part @ ("household" | "trip"), name)) => (format!("/{part}"), name),
        Some((whole, name)) => (format!("/people/0/{whole}"), name),
        None => ("/people/0".to_owned(), id),
    }
}

/// The fact as a request gives it.
pub fn get<'a>(request: &'a Json, id: &str) -> Option<&'a Json> {
    let (holder, name) = path(id);
    request.pointer(&holder)?.get(name)
}

/// Sets or removes a fact; an object that nothing is left in goes too.
pub fn put(request: &mut Json, id: &str, value: Option<Json>) {
    let (holder, name) = path(id);
    let (parent, key) = holder.rsplit_once('/').unwrap_or(("", ""));
    let person = holder == "/people/0";
    let parent = parent.to_owned();
    let Some(object) = request.pointer_mut(&parent).filter(|_| !person).and_then(Json::as_object_mut) else {
        if let Some(object) = request.pointer_mut(&holder).and_then(Json::as_object_mut) {
            set(object, name, value);
        }
        return;
    };
    let inner = object.entry(key).or_insert_with(|| json!({}));
    if let Some(members) = inner.as_object_mut() {
        set(members, name, value);
        if members.is_empty() {
            object.remove(key);
        }
    }
}

fn set(object: &mut Map<String, Json>, name: &str, value: Option<Json>) {
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
}
