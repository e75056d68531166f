//! From inputs to a board.

use std::collections::{BTreeMap, HashMap};

use bus::Manifest;
use bus::contract::ContractDescription;
use bus::contract::lock::Lock;

use super::document::{
    Board, BoardContract, ContractVersion, Does, Edge, EdgeVerdict, Evidence, FORMAT, Role, Service,
};
use super::rules::Levels;
use super::{findings, pair, topics, what_if};
use crate::input::{Document, Material};

/// How many edges are drawn at most; a system beyond that is drawn in parts.
pub const MOST_EDGES: usize = 200_000;

/// Makes a board of inputs.
pub fn build(material: &Material, levels: &Levels) -> Board {
    let mut gathered = Gathered::default();
    for source in &material.sources {
        if let Document::Manifest(manifest) = &source.document {
            gathered.manifest(&source.name, manifest);
        }
    }
    // After the manifests, so that a version is numbered by who runs it.
    for source in &material.sources {
        if let Document::Lock(lock) = &source.document {
            gathered.lock(&source.name, lock);
        }
    }
    let mut board = gathered.board();
    board.topics = topics::of(&board);
    (board.edges, board.edges_left_out) = edges(&board);
    (board.what_if, board.what_if_left_out) = what_if::of(&board);
    board.findings = findings::of(&board, material.has_manifests(), levels);
    board
}

/// Inputs as they come.
#[derive(Default)]
struct Gathered {
    services: BTreeMap<String, Service>,
    /// By name and topic.
    contracts: BTreeMap<(String, String), Vec<ContractVersion>>,
    /// With the key of the contract in place of its id.
    roles: Vec<(Role, (String, String))>,
}

impl Gathered {
    fn manifest(&mut self, evidence: &str, manifest: &Manifest) {
        let id = match manifest.version.as_str() {
            "" => manifest.service.clone(),
            version => format!("{}/{version}", manifest.service),
        };
        let service = self.services.entry(id.clone()).or_insert_with(|| Service {
            id: id.clone(),
            name: manifest.service.clone(),
            version: manifest.version.clone(),
            evidence: Vec::new(),
        });
        note(&mut service.evidence, evidence);
        for contract in &manifest.serves {
            self.role(&id, Does::Serves, contract, None, evidence);
        }
        for called in &manifest.calls {
            self.role(&id, Does::Calls, &called.contract, called.methods.as_deref(), evidence);
        }
    }

    fn role(
        &mut self,
        service: &str,
        does: Does,
        contract: &ContractDescription,
        methods: Option<&[String]>,
        evidence: &str,
    ) {
        let version = self.version(contract, evidence);
        let (number, key) = (version.number, key(contract));
        let same = |(role, of): &&mut (Role, _)| {
            role.service == service && role.does == does && *of == key && role.version == number
        };
        if let Some((role, _)) = self.roles.iter_mut().find(same) {
            note(&mut role.evidence, evidence);
            // Two instances of a service: what either may call, it may.
            role.methods = match (role.methods.take(), methods) {
                (Some(mut all), Some(more)) => {
                    for method in more {
                        note(&mut all, method);
                    }
                    Some(all)
                }
                _ => None,
            };
            return;
        }
        let role = Role {
            service: service.to_owned(),
            does,
            contract: String::new(),
            version: number,
            methods: methods.map(<[String]>::to_vec),
            evidence: vec![evidence.to_owned()],
        };
        self.roles.push((role, key));
    }

    fn lock(&mut self, name: &str, lock: &Lock) {
        for locked in &lock.versions {
            let evidence = format!("{name}, version {}", locked.version);
            let version = self.version(&locked.contract, &evidence);
            version.locked.push(locked.version);
            // What somebody runs is not retired whatever a lock says.
            version.retired = locked.retired && version.evidence.len() == version.locked.len();
        }
    }

    /// The version with these types and names; documentation and the package's version are none.
    fn version(&mut self, contract: &ContractDescription, evidence: &str) -> &mut ContractVersion {
        let versions = self.contracts.entry(key(contract)).or_default();
        let bare = bare(contract);
        let at = versions.iter().position(|known| self::bare(&known.contract) == bare).unwrap_or_else(|| {
            versions.push(ContractVersion {
                number: u32::try_from(versions.len() + 1).unwrap_or(u32::MAX),
                locked: Vec::new(),
                retired: false,
                evidence: Vec::new(),
                contract: contract.clone(),
            });
            versions.len() - 1
        });
        let version = &mut versions[at];
        note(&mut version.evidence, evidence);
        version
    }

    fn board(self) -> Board {
        let keys: Vec<&(String, String)> = self.contracts.keys().collect();
        let id = |(name, topic): &(String, String)| {
            let alone = keys.iter().filter(|(other, _)| other == name).count() == 1;
            if alone { name.clone() } else { format!("{name} ({topic})") }
        };
        let roles = self.roles.iter().map(|(role, key)| Role { contract: id(key), ..role.clone() });
        let mut roles: Vec<Role> = roles.collect();
        let order = |role: &Role| (role.contract.clone(), role.does, role.service.clone(), role.version);
        roles.sort_by_cached_key(order);
        let contracts = self.contracts.iter().map(|(key, versions)| BoardContract {
            id: id(key),
            name: key.0.clone(),
            versions: versions.clone(),
        });
        Board {
            format: FORMAT,
            contracts: contracts.collect(),
            services: self.services.into_values().collect(),
            topics: Vec::new(),
            roles,
            edges: Vec::new(),
            edges_left_out: 0,
            what_if: Vec::new(),
            what_if_left_out: 0,
            findings: Vec::new(),
        }
    }
}

fn key(contract: &ContractDescription) -> (String, String) {
    (contract.name.clone(), contract.topic.clone())
}

/// A contract without what changes nothing that is under way.
fn bare(contract: &ContractDescription) -> ContractDescription {
    let mut contract = contract.clone();
    contract.docs.clear();
    contract.version.clear();
    contract.methods.iter_mut().for_each(|method| method.docs.clear());
    contract
}

fn note(all: &mut Vec<String>, text: &str) {
    if !all.iter().any(|known| known == text) {
        all.push(text.to_owned());
    }
}

/// Every caller of a method with every server of it, and how many are left out.
fn edges(board: &Board) -> (Vec<Edge>, u64) {
    let (mut edges, mut left_out) = (Vec::new(), 0);
    let mut known: HashMap<(&str, u32, u32, &str), EdgeVerdict> = HashMap::new();
    for contract in &board.contracts {
        let servers: Vec<&Role> = board.roles_of(&contract.id, Does::Serves).collect();
        for caller in board.roles_of(&contract.id, Does::Calls) {
            let Some(asks) = contract.version(caller.version) else { continue };
            let declared = caller.methods.as_deref();
            for method in asks.contract.methods.iter().map(|method| method.name.as_str()) {
                if declared.is_some_and(|methods| !methods.iter().any(|named| named == method)) {
                    continue;
                }
                if edges.len() >= MOST_EDGES {
                    left_out += servers.len().max(1) as u64;
                    continue;
                }
                let edge = |server: Option<&Role>, verdict| Edge {
                    caller: caller.service.clone(),
                    server: server.map(|server| server.service.clone()),
                    contract: contract.id.clone(),
                    method: method.to_owned(),
                    evidence: if declared.is_some() { Evidence::Declared } else { Evidence::Possible },
                    verdict,
                };
                if servers.is_empty() {
                    edges.push(edge(None, None));
                }
                for server in &servers {
                    let Some(does) = contract.version(server.version) else { continue };
                    let verdict = known
                        .entry((&contract.id, asks.number, does.number, method))
                        .or_insert_with(|| pair::verdict_of(&asks.contract, &does.contract, method));
                    edges.push(edge(Some(server), Some(verdict.clone())));
                }
            }
        }
    }
    (edges, left_out)
}
