//! Names of types for people to read.

/// A type's name without the paths in it; `_` where the compiler made it up.
pub(super) fn short(type_name: &str) -> String {
    let mut name = String::new();
    let mut word = String::new();
    for character in type_name.chars() {
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
        } else if character == ':' {
            word.clear();
        } else {
            name.push_str(&word);
            word.clear();
            name.push(character);
        }
    }
    name.push_str(&word);
    if name.is_empty() || name.contains("__") || name.contains('{') { "_".into() } else { name }
}

/// What is in an option of this type.
pub(super) fn inside_option(type_name: &'static str) -> &'static str {
    type_name.strip_prefix("core::option::Option<").and_then(|inner| inner.strip_suffix('>')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_left_out() {
        assert_eq!(short("alloc::vec::Vec<(shop::Order, [u8; 4])>"), "Vec<(Order, [u8; 4])>");
        assert_eq!(short("shop::_::<impl T for U>::f::{{closure}}"), "_");
        assert_eq!(short(""), "_");
        assert_eq!(short(std::any::type_name::<Option<std::net::IpAddr>>()), "Option<IpAddr>");
        assert_eq!(inside_option(std::any::type_name::<Option<Vec<u8>>>()), "alloc::vec::Vec<u8>");
    }
}
