//! Values to show to a type that does not take just any.

/// Numbers, the likeliest first: 1 is no zero, a valid month, day, minute and variant.
pub(super) const NUMBERS: [i128; 26] = [
    1,
    0,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    10,
    12,
    16,
    20,
    32,
    50,
    64,
    100,
    127,
    255,
    256,
    443,
    1024,
    2000,
    65_535,
    1_000_000,
    1_700_000_000,
];

pub(super) const FLOATS: [f64; 6] = [1.0, 0.0, 0.5, 10.0, 100.0, -1.0];

pub(super) const SHORT_FLOATS: [f32; 6] = [1.0, 0.0, 0.5, 10.0, 100.0, -1.0];

pub(super) const BOOLS: [bool; 2] = [false, true];

pub(super) const CHARS: [char; 6] = ['a', 'A', '0', '1', ' ', '+'];

/// What texts are checked for: emptiness, digits, length, and the formats of everyday types.
pub(super) const TEXTS: [&str; 44] = [
    "a",
    "",
    "1",
    "A",
    "1.0",
    "1.0.0",
    "00000000-0000-4000-8000-000000000000",
    "2000-01-01T00:00:00Z",
    "2000-01-01T00:00:00",
    "2000-01-01 00:00:00",
    "2000-01-01",
    "00:00:00",
    "00:00",
    "+00:00",
    "UTC",
    "Europe/Berlin",
    "1s",
    "PT1S",
    "a@example.org",
    "https://example.org/",
    "example.org",
    "example.org:80",
    "127.0.0.1",
    "127.0.0.1:80",
    "::1",
    "[::1]:80",
    "10.0.0.0/8",
    "/a",
    "a/b",
    "text/plain",
    "en",
    "en-US",
    "EUR",
    "DE89370400440532013000",
    "+4930123456",
    "#000000",
    "true",
    "null",
    "{}",
    "[]",
    "AAAA",
    "00000000",
    "0000000000000000",
    "00000000000000000000000000000000",
];

/// Lengths of bytes: identifiers, digests, keys, addresses.
pub(super) const BYTES: [usize; 11] = [16, 0, 1, 4, 6, 8, 12, 20, 24, 32, 64];
