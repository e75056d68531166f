//! From a method's name to who serves it, for all contracts on one request topic.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::service::Erased;
use crate::contract::{Contract, Method};
use crate::error::ServeError;
use crate::transport::TopicNames;

/// Who serves a method.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) service: Arc<dyn Erased>,
    pub(super) contract: &'static Contract,
    pub(super) method: &'static Method,
}

/// All methods of all contracts on one request topic.
pub(super) struct Routes {
    by_name: HashMap<&'static str, Route>,
    /// The pair of topics.
    pub(super) names: TopicNames,
    /// The contracts, all on one pair of topics.
    pub(super) contracts: Vec<&'static Contract>,
}

impl Routes {
    /// Sorts contracts by their request topic, and refuses what could not be told apart there.
    pub(super) fn by_topic(services: Vec<(Arc<dyn Erased>, TopicNames)>) -> Result<BTreeMap<String, Self>, ServeError> {
        let mut topics: BTreeMap<String, Self> = BTreeMap::new();
        for (service, names) in services {
            let routes = topics.entry(names.request.clone()).or_insert_with(|| Self {
                by_name: HashMap::new(),
                names: names.clone(),
                contracts: Vec::new(),
            });
            routes.add(service.contract(), &service, &names)?;
        }
        Ok(topics)
    }

    fn add(
        &mut self,
        contract: &'static Contract,
        service: &Arc<dyn Erased>,
        names: &TopicNames,
    ) -> Result<(), ServeError> {
        if let Some(first) = self.contracts.first().filter(|_| self.names.reply != names.reply) {
            return Err(ServeError::ReplyTopics {
                topic: names.request.clone(),
                first: first.name().to_owned(),
                second: contract.name().to_owned(),
            });
        }
        if self.contracts.iter().any(|served| std::ptr::eq(*served, contract)) {
            return Err(ServeError::ServedTwice { contract: contract.name().to_owned() });
        }
        self.contracts.push(contract);
        for method in contract.methods().iter().copied() {
            let route = Route { service: Arc::clone(service), contract, method };
            if let Some(first) = self.by_name.insert(method.name(), route) {
                return Err(ServeError::AmbiguousMethod {
                    topic: names.request.clone(),
                    method: method.name().to_owned(),
                    first: first.contract.name().to_owned(),
                    second: contract.name().to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Who serves a request: by its method, or, without one, the only method there is.
    pub(super) fn find(&self, method: Option<&str>) -> Result<&Route, String> {
        let served = || {
            let mut names: Vec<&str> = self.by_name.keys().copied().collect();
            names.sort_unstable();
            names.truncate(20);
            names.join(", ")
        };
        match method {
            Some(name) => self.by_name.get(name).ok_or_else(|| {
                // A name comes from outside: only as much of it as a name has.
                let name: String = name.chars().take(64).collect();
                format!("{name:?} is not served here; served are {}", served())
            }),
            None if self.by_name.len() == 1 => {
                self.by_name.values().next().ok_or_else(|| "nothing is served here".to_owned())
            }
            None => Err(format!("the request names no method, and several are served: {}", served())),
        }
    }
}

#[cfg(test)]
mod tests;
