//! The expansion depends on nothing in scope and leaves nothing there.

/// The user's types have the names of the standard library's and of ours.
mod shadowed {
    #![allow(dead_code)]

    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct Vec(pub(crate) u8);
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct String(pub(crate) u8);
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct Client(pub(crate) u8);
    pub(crate) struct Request;
    pub(crate) struct Call;
    pub(crate) struct Arc;
    pub(crate) struct Wire;
    pub(crate) struct Contract;
    pub(crate) struct Some;
    pub(crate) struct Ok;
    pub(crate) trait Send {}
    pub(crate) trait Sync {}
    pub(crate) trait Clone {}
    pub(crate) trait Future {}
    pub(crate) trait From {}
    pub(crate) trait Sized {}
    pub(crate) type Result<T, E> = ::std::result::Result<T, E>;
    pub(crate) type Option = ();
    mod core {}
    mod std {}

    #[bus::request(topic = "shadowed.req", reply = "shadowed.resp")]
    pub(crate) trait Shadowed {
        async fn vec(&self, vec: Vec, text: &str, list: &[Vec], string: String) -> Result<Client, String>;
    }

    pub(crate) struct Service;

    impl Shadowed for Service {
        async fn vec(&self, vec: Vec, text: &str, list: &[Vec], string: String) -> Result<Client, String> {
            if text.is_empty() {
                ::std::result::Result::Err(string)
            } else {
                ::std::result::Result::Ok(Client(vec.0 + list[0].0))
            }
        }
    }
}

#[tokio::test]
async fn shadowed_names() {
    use shadowed::{Client, Service, ShadowedClient, ShadowedServer, String, Vec};
    let client = ShadowedClient::from(bus::loopback(ShadowedServer::new(Service)));
    assert_eq!(client.vec(Vec(1), "x", &[Vec(2)], String(3)).await, Ok(Client(3)));
    assert_eq!(client.vec(Vec(1), "", &[], String(3)).await, Err(bus::CallError::Service(String(3))));
}

/// Arguments are called like the locals of the expansion.
#[bus::request(topic = "locals.req", reply = "locals.resp")]
trait Locals {
    #[allow(clippy::too_many_arguments)]
    async fn sum(
        &self,
        encoder: u8,
        decoder: u8,
        request: u8,
        service: u8,
        arguments: u8,
        argument0: u8,
        answer: u8,
        error: u8,
        cause: u8,
        channel: u8,
        _: u8,
        argument1: u8,
        body: u8,
        reply: u8,
    ) -> Result<u8, String> {
        Ok(encoder
            + decoder
            + request
            + service
            + arguments
            + argument0
            + answer
            + error
            + cause
            + channel
            + argument1
            + body
            + reply)
    }
}

#[tokio::test]
async fn arguments_named_like_our_locals() {
    struct Service;
    impl Locals for Service {}
    let client = LocalsClient::from(bus::loopback(LocalsServer::new(Service)));
    assert_eq!(client.sum(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1).await, Ok(13));
}

#[tokio::test]
async fn inside_a_function() {
    #![deny(non_local_definitions)]

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Local(u8);

    #[bus::request(topic = "inside.req", reply = "inside.resp")]
    trait Inside {
        async fn local(&self, local: &Local) -> Result<Local, Local>;
    }

    struct Service;

    impl Inside for Service {
        async fn local(&self, local: &Local) -> Result<Local, Local> {
            Ok(Local(local.0 + 1))
        }
    }

    let client = InsideClient::from(bus::loopback(InsideServer::new(Service)));
    assert_eq!(client.local(&Local(1)).await, Ok(Local(2)));
}

/// Every kind of fragment that a `macro_rules!` can hand on.
macro_rules! service {
    ($name:ident, $answer:ty, $result:ty, $item:item) => {
        #[bus::request(topic = "item.req", reply = "item.resp")]
        $item

        #[bus::request(topic = "macro.req", reply = "macro.resp")]
        trait $name {
            async fn whole(&self) -> $result;
            async fn answer(&self, answers: &[$answer]) -> Result<Vec<$answer>, String> {
                let answers = answers.to_vec();
                Ok(answers)
            }
        }
    };
}

service!(Made, u8, Result<u8, String>, trait Item {
    async fn now(&self) -> Result<u64, String> {
        Ok(1)
    }
});

macro_rules! shared {
    ($($visibility:vis $name:ident, $client:ident, $server:ident, $topic:literal, $reply:expr, $method:ident, $argument:ident: $type:ty => $answer:ty, $body:block;)*) => {
        $(
            #[bus::request(topic = $topic, reply = $reply, client = $client, server = $server)]
            $visibility trait $name {
                async fn $method(&self, $argument: $type, _: &$type) -> Result<$answer, String> $body
                async fn own_body(&self, argument: $type) -> Result<$type, String> {
                    Ok(argument)
                }
            }
        )*
    };
}

shared! {
    pub(crate) Left, LeftCaller, LeftHost, "left.req", "left.resp", length, _text: String => usize, { Ok(7) };
    Right, RightCaller, RightHost, "right.req", "right.resp", sum, _list: Vec<u8> => u64, { Ok(8) };
}

#[tokio::test]
async fn from_a_macro() {
    struct Service;
    impl Left for Service {}
    impl Right for Service {}
    impl Item for Service {}
    impl Made for Service {
        async fn whole(&self) -> Result<u8, String> {
            Ok(9)
        }
    }
    let left = LeftCaller::from(bus::loopback(LeftHost::new(Service)));
    assert_eq!(left.length("x".into(), &"y".into()).await, Ok(7));
    assert_eq!(left.own_body("x".into()).await, Ok("x".into()));
    let right = RightCaller::from(bus::loopback(RightHost::new(Service)));
    assert_eq!(right.sum(vec![1], &vec![]).await, Ok(8));
    let made = MadeClient::from(bus::loopback(MadeServer::new(Service)));
    assert_eq!(made.whole().await, Ok(9));
    assert_eq!(made.answer(&[1, 2]).await, Ok(vec![1, 2]));
    let item = ItemClient::from(bus::loopback(ItemServer::new(Service)));
    assert_eq!(item.now().await, Ok(1));
}

/// Two traits on one pair of topics, with a method of the same name each.
#[bus::request(topic = "shared.req", reply = "shared.resp")]
trait First {
    async fn now(&self) -> Result<u8, String> {
        Ok(1)
    }
}

#[bus::request(topic = "shared.req", reply = "shared.resp")]
trait Second {
    async fn now(&self) -> Result<u8, String> {
        Ok(2)
    }
}

#[tokio::test]
async fn two_traits_on_one_pair_of_topics() {
    struct Service;
    impl First for Service {}
    impl Second for Service {}
    assert_eq!(FirstClient::from(bus::loopback(FirstServer::new(Service))).now().await, Ok(1));
    assert_eq!(SecondClient::from(bus::loopback(SecondServer::new(Service))).now().await, Ok(2));
}

/// Another path to the crate.
mod renamed {
    pub(crate) extern crate bus as messages;

    pub(super) mod deep {
        pub(crate) use super::messages;
    }

    #[messages::request(topic = "renamed.req", reply = "renamed.resp", crate = messages)]
    trait Near {
        async fn now(&self) -> Result<u8, String>;
    }

    #[messages::request(topic = "renamed.req", reply = "renamed.resp", crate = self::deep::messages)]
    trait Far {
        async fn now(&self) -> Result<u8, String>;
    }
}
