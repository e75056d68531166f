//! Changes of a type, each with values in JSON and what they become on the other side: none where they
//! cannot be carried over. Also compiled into the binaries of two versions.

/// Changes between types that every codec carries.
#[allow(unused_macros)]
macro_rules! changes_in_every_codec {
    ($then:ident $($words:tt)*) => { $then! { $($words)*
            type_renamed "nothing but the type's name" { pub(crate) struct T { a: u32 } } => { #[serde(rename = "U")] pub(crate) struct T { a: u32 } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#))];
            field_added "a field added, without a default" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: u32, b: u32 } }
                [(r#"{"a":1}"#, None)] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))];
            field_added_with_default "a field added, with `#[serde(default)]`" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: u32, #[serde(default)] b: u32 } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))];
            option_added "an `Option` field added" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: u32, b: Option<u32> } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))];
            field_added_denied "a field with a default added, old type with `deny_unknown_fields`" { #[serde(deny_unknown_fields)] pub(crate) struct T { a: u32 } }
                => { pub(crate) struct T { a: u32, #[serde(default)] b: u32 } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, None)];
            field_added_with_default_in_list "a field with a default added, in a list" { pub(crate) struct T { l: Vec<I> } struct I { a: u32 } }
                => { pub(crate) struct T { l: Vec<I> } struct I { a: u32, #[serde(default)] b: u32 } }
                [(r#"{"l":[{"a":1},{"a":2}]}"#, Some(r#"{"l":[{"a":1},{"a":2}]}"#))]
                [(r#"{"l":[{"a":1,"b":3}]}"#, Some(r#"{"l":[{"a":1}]}"#))];
            field_added_in_list "a field added without a default, in a list" { pub(crate) struct T { l: Vec<I> } struct I { a: u32 } }
                => { pub(crate) struct T { l: Vec<I> } struct I { a: u32, b: u32 } }
                [(r#"{"l":[{"a":1}]}"#, None), (r#"{"l":[]}"#, Some(r#"{"l":[]}"#))]
                [(r#"{"l":[{"a":1,"b":3}]}"#, Some(r#"{"l":[{"a":1}]}"#))];
            field_removed "a field removed" { pub(crate) struct T { a: u32, b: u32 } } => { pub(crate) struct T { a: u32 } }
                [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, None)];
            field_removed_with_default "a field removed that had a default" { pub(crate) struct T { a: u32, #[serde(default)] b: u32 } } => { pub(crate) struct T { a: u32 } }
                [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#))];
            field_renamed "a field renamed" { pub(crate) struct T { a: u32, b: u32 } } => { pub(crate) struct T { a: u32, c: u32 } }
                [(r#"{"a":1,"b":2}"#, None)] [(r#"{"a":1,"c":2}"#, None)];
            field_renamed_with_alias "a field renamed, with an alias in the new type" { pub(crate) struct T { a: u32, b: u32 } }
                => { pub(crate) struct T { a: u32, #[serde(alias = "b")] c: u32 } }
                [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"c":2}"#))] [(r#"{"a":1,"c":2}"#, None)];
            field_renamed_with_aliases "a field renamed, with an alias on both sides" { pub(crate) struct T { a: u32, #[serde(alias = "c")] b: u32 } }
                => { pub(crate) struct T { a: u32, #[serde(alias = "b")] c: u32 } }
                [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"c":2}"#))] [(r#"{"a":1,"c":2}"#, Some(r#"{"a":1,"b":2}"#))];
            default_renamed "a field with a default renamed" { pub(crate) struct T { a: u32, #[serde(default)] limit: Option<u32> } }
                => { pub(crate) struct T { a: u32, #[serde(default)] max: Option<u32> } }
                [(r#"{"a":1,"limit":2}"#, Some(r#"{"a":1,"max":2}"#))] [(r#"{"a":1,"max":2}"#, Some(r#"{"a":1,"limit":2}"#))];
            default_renamed_with_alias "a field with a default renamed, with an alias in the new type" { pub(crate) struct T { #[serde(default)] limit: Option<u32> } }
                => { pub(crate) struct T { #[serde(default, alias = "limit")] max: Option<u32> } }
                [(r#"{"limit":2}"#, Some(r#"{"max":2}"#))] [(r#"{"max":2}"#, Some(r#"{"limit":2}"#))];
            fields_of_one_type_swapped "two fields of one type change places" { pub(crate) struct T { city: String, customer: String } }
                => { pub(crate) struct T { customer: String, city: String } }
                [(r#"{"city":"x","customer":"y"}"#, Some(r#"{"city":"x","customer":"y"}"#))]
                [(r#"{"city":"x","customer":"y"}"#, Some(r#"{"city":"x","customer":"y"}"#))];
            fields_of_two_types_swapped "two fields of two types change places" { pub(crate) struct T { a: u32, b: String } } => { pub(crate) struct T { b: String, a: u32 } }
                [(r#"{"a":1,"b":"x"}"#, Some(r#"{"a":1,"b":"x"}"#))] [(r#"{"a":1,"b":"x"}"#, Some(r#"{"a":1,"b":"x"}"#))];
            tuple_swapped "two fields of a tuple struct change places" { pub(crate) struct T(u32, i64); } => { pub(crate) struct T(i64, u32); }
                [("[1,-2]", None), ("[1,2]", Some("[1,2]"))] [("[-1,2]", None), ("[1,2]", Some("[1,2]"))];
            number_wider "a number made wider" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: u64 } }
                [(r#"{"a":7}"#, Some(r#"{"a":7}"#))] [(r#"{"a":7}"#, Some(r#"{"a":7}"#)), (r#"{"a":1099511627776}"#, None)];
            number_unsigned "a number loses its sign" { pub(crate) struct T { a: i64 } } => { pub(crate) struct T { a: u64 } }
                [(r#"{"a":7}"#, Some(r#"{"a":7}"#)), (r#"{"a":-7}"#, None)]
                [(r#"{"a":7}"#, Some(r#"{"a":7}"#)), (r#"{"a":18446744073709551615}"#, None)];
            short_number_gets_point "a number of 32 bits gets a point" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: f64 } }
                [(r#"{"a":4294967295}"#, Some(r#"{"a":4294967295.0}"#))] [(r#"{"a":1.5}"#, None), (r#"{"a":1.0}"#, None)];
            long_number_gets_point "a number of 64 bits gets a point" { pub(crate) struct T { a: u64 } } => { pub(crate) struct T { a: f64 } }
                [(r#"{"a":9007199254740993}"#, None)] [(r#"{"a":1.0}"#, None)];
            float_narrower "a number with a point made narrower" { pub(crate) struct T { a: f64 } } => { pub(crate) struct T { a: f32 } }
                [(r#"{"a":0.1}"#, None)] [(r#"{"a":0.5}"#, Some(r#"{"a":0.5}"#)), (r#"{"a":3.25}"#, Some(r#"{"a":3.25}"#))];
            number_to_text "a number becomes a text" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: String } }
                [(r#"{"a":1}"#, None)] [(r#"{"a":"1"}"#, None)];
            value_to_option "a value becomes an `Option`" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: Option<u32> } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#)), (r#"{"a":null}"#, None)];
            value_to_list "a value becomes a list" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: Vec<u32> } }
                [(r#"{"a":1}"#, None)] [(r#"{"a":[1]}"#, None)];
            list_to_array "a list becomes an array" { pub(crate) struct T { a: Vec<u32> } } => { pub(crate) struct T { a: [u32; 2] } }
                [(r#"{"a":[1,2]}"#, Some(r#"{"a":[1,2]}"#)), (r#"{"a":[1]}"#, None)]
                [(r#"{"a":[1,2]}"#, Some(r#"{"a":[1,2]}"#))];
            value_wrapped "a value wrapped in a newtype" { pub(crate) struct T { a: u32 } } => { pub(crate) struct T { a: N } struct N(u32); }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, Some(r#"{"a":1}"#))];
            struct_to_map "a struct becomes a map" { pub(crate) struct T { a: u32, b: u32 } } => { #[serde(transparent)] pub(crate) struct T { m: BTreeMap<String, u32> } }
                [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"b":2}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"b":2}"#))];
            variant_added_at_end "a variant added at the end" { pub(crate) enum T { A, B(u32) } } => { pub(crate) enum T { A, B(u32), C } }
                [(r#""A""#, Some(r#""A""#)), (r#"{"B":1}"#, Some(r#"{"B":1}"#))]
                [(r#""A""#, Some(r#""A""#)), (r#""C""#, None)];
            variant_added_before_other "a variant added before `#[serde(other)]`" { pub(crate) enum T { A, B(u32), #[serde(other)] Rest } }
                => { pub(crate) enum T { A, B(u32), C, #[serde(other)] Rest } }
                [(r#""A""#, Some(r#""A""#)), (r#"{"B":1}"#, Some(r#"{"B":1}"#))]
                [(r#""A""#, Some(r#""A""#)), (r#""C""#, Some(r#""Rest""#))];
            variant_added_in_middle "a variant added in the middle" { pub(crate) enum T { A, B } } => { pub(crate) enum T { A, C, B } }
                [(r#""A""#, Some(r#""A""#)), (r#""B""#, Some(r#""B""#))] [(r#""B""#, Some(r#""B""#)), (r#""C""#, None)];
            variant_removed "a variant removed" { pub(crate) enum T { A, B, C } } => { pub(crate) enum T { A, C } }
                [(r#""A""#, Some(r#""A""#)), (r#""B""#, None)] [(r#""A""#, Some(r#""A""#)), (r#""C""#, Some(r#""C""#))];
            variants_swapped "two variants change places" { pub(crate) enum T { Placed, Cancelled } } => { pub(crate) enum T { Cancelled, Placed } }
                [(r#""Placed""#, Some(r#""Placed""#))] [(r#""Placed""#, Some(r#""Placed""#))];
            variant_renamed "a variant renamed" { pub(crate) enum T { A, B } } => { pub(crate) enum T { A, C } }
                [(r#""A""#, Some(r#""A""#)), (r#""B""#, None)] [(r#""A""#, Some(r#""A""#)), (r#""C""#, None)];
            variant_renamed_with_aliases "a variant renamed, with an alias on both sides" { pub(crate) enum T { A, #[serde(alias = "C")] B } }
                => { pub(crate) enum T { A, #[serde(alias = "B")] C } }
                [(r#""A""#, Some(r#""A""#)), (r#""B""#, Some(r#""C""#))] [(r#""A""#, Some(r#""A""#)), (r#""C""#, Some(r#""B""#))];
            variant_gets_value "a variant gets a value" { pub(crate) enum T { A, B } } => { pub(crate) enum T { A, B(u32) } }
                [(r#""A""#, Some(r#""A""#)), (r#""B""#, None)] [(r#""A""#, Some(r#""A""#)), (r#"{"B":1}"#, None)];
            field_added_in_variant "a field with a default added in a variant" { pub(crate) enum T { A { x: u32 }, B } } => { pub(crate) enum T { A { x: u32, #[serde(default)] y: u32 }, B } }
                [(r#"{"A":{"x":1}}"#, Some(r#"{"A":{"x":1}}"#))] [(r#"{"A":{"x":1,"y":2}}"#, Some(r#"{"A":{"x":1}}"#))];
    }};
}

/// Changes to types that bincode cannot carry, or would not read as they are written.
#[allow(unused_macros)]
macro_rules! changes_beyond_bincode {
    ($then:ident $($words:tt)*) => { $then! { $($words)*
            option_added_left_out "an `Option` field added, left out where it is `None`" { pub(crate) struct T { a: u32 } }
                => { pub(crate) struct T { a: u32, #[serde(skip_serializing_if = "Option::is_none")] b: Option<u32> } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1,"b":2}"#, Some(r#"{"a":1}"#)), (r#"{"a":1}"#, Some(r#"{"a":1}"#))];
            variant_skipped "a variant skipped with `#[serde(skip)]`" { pub(crate) enum T { Buy, Sell } } => { pub(crate) enum T { Buy, #[serde(skip)] Short, Sell } }
                [(r#""Sell""#, Some(r#""Sell""#)), (r#""Buy""#, Some(r#""Buy""#))]
                [(r#""Sell""#, Some(r#""Sell""#)), (r#""Buy""#, Some(r#""Buy""#))];
            tag_added "`#[serde(tag)]` added" { pub(crate) enum T { A { x: u32 }, B } } => { #[serde(tag = "kind")] pub(crate) enum T { A { x: u32 }, B } }
                [(r#"{"A":{"x":1}}"#, None)] [(r#"{"kind":"A","x":1}"#, None)];
    }};
}

/// Changes to types that do not read what they write.
#[allow(unused_macros)]
macro_rules! changes_beyond_every_codec {
    ($then:ident $($words:tt)*) => { $then! { $($words)*
            field_written_otherwise "a field written under another name than it is read" { pub(crate) struct T { a: u32 } }
                => { pub(crate) struct T { #[serde(rename(serialize = "b", deserialize = "a"))] a: u32 } }
                [(r#"{"a":1}"#, Some(r#"{"a":1}"#))] [(r#"{"a":1}"#, None)];
    }};
}
