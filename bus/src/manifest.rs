//! What a program says of itself: what it serves, and what it calls.
//!
//! A program declares it with [`manifest!`](crate::manifest!), and tools read it as a [`Manifest`]:
//! started with `BUS_DESCRIBE=json` the program prints it where it would connect, and ends.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::contract::{Contract, ContractDescription};
use crate::error::ConfigError;

/// The variable that asks a program for its manifest.
pub(crate) const DESCRIBE: &str = "BUS_DESCRIBE";

/// The version of the form that manifests have.
const FORMAT: u32 = 1;

/// How many declarations a program may make; a library may make one as well as its program.
const MOST: usize = 256;

/// What a program serves and calls, as owned data.
///
/// It goes through JSON and back unchanged. `bus board` and `bus check` read it.
///
/// ```
/// let printed = r#"{"format": 1, "service": "facade", "version": "1.2.0", "serves": [], "calls": []}"#;
/// let manifest: bus::Manifest = serde_json::from_str(printed).unwrap();
/// assert_eq!((manifest.service.as_str(), manifest.calls.len()), ("facade", 0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of the form that this is in: 1.
    pub format: u32,
    /// The name of the service, as `Bus::builder` got it.
    pub service: String,
    /// The version of the service: the builder's, or that of the program's package.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The contracts that it serves.
    pub serves: Vec<ContractDescription>,
    /// The contracts that it calls.
    pub calls: Vec<Called>,
}

/// A contract that a program calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Called {
    /// The contract.
    pub contract: ContractDescription,
    /// The methods that it calls, by their names on the wire; `None` where it may call any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
}

/// Declares what a program serves and calls.
///
/// It is a statement that stands before the program's first `connect` and costs nothing there. Each
/// name is that of a trait under `#[bus::request]`; the client that the attribute made must be
/// reachable by the same path (`shop::Orders` needs `shop::OrdersClient`). A list in braces says which
/// methods are called, by their names on the wire; without one, any may be.
///
/// With `BUS_DESCRIBE=json` in the environment the first `connect` of [`BusBuilder`](crate::BusBuilder),
/// [`Bus::from_env`](crate::Bus::from_env) or [`Bus::embedded`](crate::Bus::embedded) prints the
/// [`Manifest`](crate::Manifest) to stdout, as one JSON document, and ends the process with exit code 0.
/// No broker is asked and nothing is opened, so that a board can be drawn in CI. Nothing else may be
/// printed to stdout before.
///
/// ```
/// mod shop {
///     #[bus::request(topic = "orders.req", reply = "orders.resp")]
///     pub trait Orders {
///         async fn place(&self, article: String) -> Result<u64, String>;
///     }
///     #[bus::request(topic = "payments.req", reply = "payments.resp")]
///     pub trait Payments {
///         async fn pay(&self, cents: u64) -> Result<(), String>;
///         async fn give_back(&self, cents: u64) -> Result<(), String>;
///     }
/// }
///
/// fn main() {
///     bus::manifest! {
///         serves shop::Orders;
///         calls shop::Payments { pay };
///     }
///     // let bus = bus::Bus::from_env().await?; ..
/// }
/// ```
///
/// # Errors
/// Under `BUS_DESCRIBE=json`, `connect` fails with [`ConfigError::Variable`](crate::ConfigError::Variable)
/// where nothing was declared, a method is named that its contract does not have, or stdout is closed.
#[macro_export]
macro_rules! manifest {
    ($($declared:tt)*) => { $crate::__private::manifest! { $crate; $($declared)* } };
}

/// What the macro makes.
#[doc(hidden)]
#[derive(Debug)]
pub struct Declared {
    pub program: Option<&'static str>,
    pub version: Option<&'static str>,
    pub serves: &'static [fn() -> &'static Contract],
    #[allow(clippy::type_complexity)] // The macro alone writes it.
    pub calls: &'static [(fn() -> &'static Contract, Option<&'static [&'static str]>)],
}

static DECLARED: Mutex<Vec<&'static Declared>> = Mutex::new(Vec::new());

/// Notes a declaration, once.
#[doc(hidden)]
pub fn declare(declared: &'static Declared) {
    let mut all = DECLARED.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() < MOST && !all.iter().any(|known| std::ptr::eq(*known, declared)) {
        all.push(declared);
    }
}

/// Prints the manifest and ends the process, if the environment asks for it.
pub(crate) fn describe_if_asked(service: Option<&str>, version: Option<&str>) -> Result<(), ConfigError> {
    let Some(value) = std::env::var_os(DESCRIBE) else { return Ok(()) };
    let refused = |reason: String| ConfigError::Variable {
        name: DESCRIBE.to_owned(),
        value: value.to_string_lossy().into_owned(),
        reason,
    };
    if value != "json" {
        return Err(refused("the one form is json".to_owned()));
    }
    let declared = DECLARED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let manifest = Manifest::of(&declared, service, version).map_err(refused)?;
    print(&manifest).map_err(|cause| refused(format!("the manifest cannot be printed: {cause}")))?;
    // What was asked for is done, and a program that only describes itself must open nothing.
    std::process::exit(0)
}

fn print(manifest: &Manifest) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(manifest)?;
    text.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&text)?;
    out.flush()
}

impl Manifest {
    fn of(declared: &[&Declared], service: Option<&str>, version: Option<&str>) -> Result<Self, String> {
        let Some(first) = declared.first() else {
            return Err(
                "the program declares nothing: write `bus::manifest! { serves ..; calls .. }` before it connects"
                    .to_owned(),
            );
        };
        let version = version.or(first.version).unwrap_or_default();
        let mut manifest = Self {
            format: FORMAT,
            service: service.or(first.program).unwrap_or("bus").to_owned(),
            version: version.to_owned(),
            serves: Vec::new(),
            calls: Vec::new(),
        };
        for declared in declared {
            for contract in declared.serves {
                manifest.serve(contract());
            }
            for (contract, methods) in declared.calls {
                manifest.call(contract(), *methods)?;
            }
        }
        Ok(manifest)
    }

    fn serve(&mut self, contract: &Contract) {
        let described = contract.describe();
        if !self.serves.contains(&described) {
            self.serves.push(described);
        }
    }

    fn call(&mut self, contract: &Contract, methods: Option<&[&str]>) -> Result<(), String> {
        for method in methods.into_iter().flatten() {
            if contract.method(method).is_none() {
                let known: Vec<&str> = contract.methods().iter().map(|known| known.name()).collect();
                return Err(format!(
                    "`{}` has no method `{method}` on the wire; it has {}",
                    contract.name(),
                    known.join(", ")
                ));
            }
        }
        let methods = methods.map(|methods| methods.iter().map(|&method| method.to_owned()).collect::<Vec<_>>());
        let described = contract.describe();
        let Some(known) = self.calls.iter_mut().find(|known| known.contract == described) else {
            self.calls.push(Called { contract: described, methods });
            return Ok(());
        };
        // Named twice, it calls what either says.
        known.methods = match (known.methods.take(), methods) {
            (Some(mut all), Some(more)) => {
                all.extend(more);
                all.sort();
                all.dedup();
                Some(all)
            }
            _ => None,
        };
        Ok(())
    }
}
