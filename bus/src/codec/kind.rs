//! Which codecs there are, and what they are called.

use std::fmt;

/// How `serde_json` names a value that it keeps as a text.
pub(super) const RAW_JSON: &str = "$serde_json::private::RawValue";

/// How the body of a message is written.
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # async fn example(bus: bus::Bus) -> Result<(), bus::ConnectError> {
/// // A server answers in the codec that it is asked in.
/// let clock: ClockClient = bus.client().codec(bus::Codec::Json).await?;
/// # let _ = clock; Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// bincode 2 in its `standard` configuration: the values one after another.
    #[default]
    Bincode,
    /// JSON: the value itself where there is one, an array where there are several.
    Json,
    /// MessagePack with the names of fields and variants: the value itself where there is one, an
    /// array where there are several. As small as bytes with names are, for two sides that are
    /// deployed apart.
    MsgPack,
}

impl Codec {
    /// The name that stands in the `bus-codec` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bincode => "bincode",
            Self::Json => "json",
            Self::MsgPack => "msgpack",
        }
    }

    /// The codec of this name.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"bincode" => Some(Self::Bincode),
            b"json" => Some(Self::Json),
            b"msgpack" => Some(Self::MsgPack),
            _ => None,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
