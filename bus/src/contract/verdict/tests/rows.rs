//! Every kind of change, with values that are really written and read: what the verdict says of
//! them, and what becomes of them.

use super::{CODECS, Codec, DeserializeOwned, Outcome, Serialize, Verdict, of, read, write};
use crate::contract::{Method, build, find_shapes};

/// One change of a type, judged in both directions under every codec.
pub(super) struct Row {
    pub(super) change: &'static str,
    /// For each codec what is written by the old type and read by the new one, and the reverse.
    pub(super) cells: Vec<(Codec, Verdict, Verdict)>,
    /// The codecs that cannot carry one of the two, so that there is no client and no server of it.
    pub(super) unfit: Vec<Codec>,
}

/// A value as JSON, and what it is to become: none where it cannot be carried over.
type Sample = (&'static str, Option<&'static str>);

fn change<Old, New>(change: &'static str, forth: &[Sample], back: &[Sample]) -> Row
where
    Old: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
    New: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
{
    let cell = |codec: Codec| {
        let (old_to_new, new_to_old) = (of::<Old, New>(codec), of::<New, Old>(codec));
        hold::<Old, New>(&format!("{change}, {codec}, old to new"), &old_to_new, codec, forth);
        hold::<New, Old>(&format!("{change}, {codec}, new to old"), &new_to_old, codec, back);
        (codec, old_to_new, new_to_old)
    };
    let fits = |codec| {
        let methods = [method::<Old>(), method::<New>()];
        build::contract("T", "t.req", "t.resp").methods_(methods.to_vec().leak()).fits(codec).is_ok()
    };
    let unfit = CODECS.into_iter().filter(|codec| !fits(*codec)).collect();
    Row { change, cells: CODECS.map(cell).into(), unfit }
}

/// Holds a verdict against what really becomes of values.
fn hold<W, R>(what: &str, verdict: &Verdict, codec: Codec, samples: &[Sample])
where
    W: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
    R: DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
{
    assert!(!samples.is_empty(), "{what}: no samples");
    let (mut failed, mut wrong) = (0, 0);
    for (sample, wanted) in samples {
        let value: W = serde_json::from_str(sample).unwrap_or_else(|cause| panic!("{what}: {sample}: {cause}"));
        let wanted: Option<R> = wanted
            .map(|wanted| serde_json::from_str(wanted).unwrap_or_else(|cause| panic!("{what}: {wanted}: {cause}")));
        // What cannot be written does not arrive either.
        let got: Option<R> = write(codec, &value).and_then(|body| read(codec, &body));
        let right = got == wanted;
        failed += usize::from(got.is_none());
        wrong += usize::from(got.is_some() && !right);
        match verdict.outcome {
            Outcome::Same | Outcome::Safe => {
                assert!(right && wanted.is_some(), "{what}: {verdict}: {value:?} arrives as {got:?}");
            }
            Outcome::ByValue => assert!(right || got.is_none(), "{what}: {verdict}: {value:?} arrives as {got:?}"),
            Outcome::ErrorInDecoding => assert!(got.is_none(), "{what}: {verdict}: {value:?} arrives as {got:?}"),
            Outcome::Refused | Outcome::Unknown => {}
        }
    }
    if verdict.outcome == Outcome::ByValue {
        assert!(failed > 0, "{what}: {verdict}: no value fails");
    }
    // Codecs that carry names are refused only for a reason.
    if verdict.outcome == Outcome::Refused && codec != Codec::Bincode {
        assert!(wrong > 0 || failed > 0, "{what}: {verdict}: every value arrives");
    }
}

fn method<T: Serialize + DeserializeOwned>() -> &'static Method {
    let nothing = || build::r#type("()", find_shapes::<()>);
    let arguments = vec![build::argument("value", build::r#type("T", find_shapes::<T>))].leak();
    Box::leak(Box::new(build::method("take", arguments, nothing(), nothing())))
}

macro_rules! changes {
    ($rows:ident $($id:ident $change:literal { $($old:item)* } => { $($new:item)* } [$($forth:tt)*] [$($back:tt)*];)*) => {$(
        $rows.push({
            mod old {
                #[allow(unused_imports)]
                use std::collections::BTreeMap;
                $(#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)] $old)*
            }
            mod new {
                #[allow(unused_imports)]
                use std::collections::BTreeMap;
                $(#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)] $new)*
            }
            change::<old::T, new::T>($change, &[$($forth)*], &[$($back)*])
        });
    )*};
}

/// All rows, each held against real decoding.
#[allow(clippy::too_many_lines, clippy::cognitive_complexity)] // A table.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    changes_in_every_codec!(changes rows);
    changes_beyond_bincode!(changes rows);
    changes_beyond_every_codec!(changes rows);
    rows
}

#[test]
fn every_row_is_what_really_happens() {
    let rows = rows();
    assert!(rows.len() >= 40);
    let unfit = |codec| rows.iter().filter(|row| row.unfit.contains(&codec)).count();
    assert_eq!(CODECS.map(unfit), [4, 1, 1]);
}
