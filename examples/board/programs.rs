//! The programs on the board, and what each has to do with which contract.

use bus::{Client, Contract};

/// A program: its name, and what it serves and calls.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) serves: Vec<&'static Contract>,
    pub(crate) calls: Vec<&'static Contract>,
}

impl Program {
    /// Reads a program's source: it serves a contract whose server it makes, and calls one whose
    /// client it gets from a bus.
    fn read(name: &'static str, source: &str, contracts: &[&'static Contract]) -> Self {
        let connected = source.contains(".client()");
        let named = |suffix: &str| {
            let uses = |contract: &&&'static Contract| source.contains(&format!("{}{suffix}", contract.name()));
            contracts.iter().filter(uses).copied().collect::<Vec<_>>()
        };
        Self { name, serves: named("Server::new"), calls: if connected { named("Client") } else { Vec::new() } }
    }
}

/// Takes an example in as a module, to reach its contracts, and as text, to see who uses them.
macro_rules! example {
    ($module:ident, $path:literal: $($client:ident),*) => {{
        #[allow(dead_code, missing_docs, unreachable_pub)]
        #[path = $path]
        mod $module;
        (include_str!($path), vec![$(<$module::$client as Client>::contract()),*])
    }};
}

/// Every example that talks over a bus.
pub(crate) fn all() -> Vec<Program> {
    let portfolio = [bus_examples::PortfolioClient::contract()];
    let mut programs = vec![
        Program::read("facade", include_str!("../examples/facade.rs"), &portfolio),
        Program::read("portfolio-service", include_str!("../examples/portfolio-service.rs"), &portfolio),
        Program::read("portfolio", include_str!("../examples/portfolio.rs"), &portfolio),
    ];
    for (name, (source, contracts)) in [
        ("errors", example!(errors, "../examples/errors.rs": ShopClient)),
        ("key", example!(key, "../examples/key.rs": LedgerClient)),
        ("layers", example!(layers, "../examples/layers.rs": BakerClient)),
        (
            "several_contracts",
            example!(several_contracts, "../examples/several_contracts.rs": OrdersClient, ReturnsClient, PricesClient),
        ),
        ("timeouts", example!(timeouts, "../examples/timeouts.rs": KitchenClient)),
    ] {
        programs.push(Program::read(name, source, &contracts));
    }
    programs
}
