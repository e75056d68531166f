pub(crate) trait Search: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn find(
        &self,
        name: &str,
        ids: &[u64],
        filter: &Filter,
    ) -> impl ::core::future::Future<
        Output = Result<Vec<u64>, String>,
    > + ::core::marker::Send;
}
/**Calls a service that implements [`Search`].

Made by `bus.client()`, or `From` a [`Channel`](::bus::Channel): a test gives it [`loopback(SearchServer::new(..))`](::bus::loopback). Cloning is cheap.*/
#[allow(dead_code, unreachable_pub)]
pub(crate) struct SearchClient {
    channel: ::bus::Channel,
}
///Serves an implementation of [`Search`]: give it to `bus.serve(..)`. Cloning is cheap.
#[allow(dead_code, unreachable_pub)]
pub(crate) struct SearchServer<__Service> {
    service: ::bus::__private::Arc<__Service>,
}
#[allow(
    deprecated,
    dead_code,
    unreachable_pub,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
impl SearchClient {
    /**Calls `find`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `String`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub(crate) fn find(
        &self,
        name: &str,
        ids: &[u64],
        filter: &Filter,
    ) -> ::bus::Call<Vec<u64>, String> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::methods().method_0,
            |encoder| {
                ::bus::__private::encode_str(name, encoder)?;
                <u64 as ::bus::__private::Wire>::encode_slice(ids, encoder)?;
                <Filter as ::bus::__private::Wire>::encode(filter, encoder)?;
                ::bus::__private::Encoder::partition_key(
                    encoder,
                    <str as ::bus::PartitionKey>::partition_key(name),
                );
                ::core::result::Result::Ok(())
            },
            <Vec<u64> as ::bus::__private::Wire>::decode,
            <String as ::bus::__private::Wire>::decode,
        )
    }
}
#[allow(
    deprecated,
    dead_code,
    unreachable_pub,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
const _: () = {
    static __METHOD_0: ::bus::__private::Method = ::bus::__private::method(
        "find",
        &[
            ::bus::__private::argument(
                    "name",
                    ::bus::__private::r#type(
                        "String",
                        <::bus::__private::String as ::bus::__private::Wire>::shape,
                    ),
                )
                .key_(),
            ::bus::__private::argument(
                "ids",
                ::bus::__private::r#type(
                    "Vec<u64>",
                    <u64 as ::bus::__private::Wire>::shape_vec,
                ),
            ),
            ::bus::__private::argument(
                "filter",
                ::bus::__private::r#type(
                    "Filter",
                    <Filter as ::bus::__private::Wire>::shape,
                ),
            ),
        ],
        ::bus::__private::r#type(
            "Vec<u64>",
            <Vec<u64> as ::bus::__private::Wire>::shape,
        ),
        ::bus::__private::r#type("String", <String as ::bus::__private::Wire>::shape),
    );
    pub struct __Methods {
        pub method_0: &'static ::bus::__private::Method,
    }
    static __METHODS: __Methods = __Methods { method_0: &__METHOD_0 };
    static __CONTRACT: ::bus::Contract = ::bus::__private::contract(
            "Search",
            "search.req",
            "search.resp",
        )
        .version_(::core::option_env!("CARGO_PKG_VERSION"))
        .methods_(&[&__METHOD_0]);
    #[automatically_derived]
    impl ::bus::__private::HasMethods for SearchClient {
        type Methods = __Methods;
        fn methods() -> &'static __Methods {
            &__METHODS
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::bus::Channel> for SearchClient {
        fn from(channel: ::bus::Channel) -> Self {
            Self { channel }
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for SearchClient {
        fn clone(&self) -> Self {
            Self {
                channel: ::core::clone::Clone::clone(&self.channel),
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for SearchClient {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(formatter, "SearchClient"),
                    "channel",
                    &self.channel,
                ),
            )
        }
    }
    #[automatically_derived]
    impl ::bus::Client for SearchClient {
        fn contract() -> &'static ::bus::Contract {
            &__CONTRACT
        }
    }
    impl<__Service> SearchServer<__Service> {
        /// Makes a server of a service. Requests run side by side on this one value.
        pub(crate) fn new(service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for SearchServer<__Service> {
        fn from(service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::clone::Clone for SearchServer<__Service> {
        fn clone(&self) -> Self {
            Self {
                service: ::core::clone::Clone::clone(&self.service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::fmt::Debug for SearchServer<__Service> {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(formatter, "SearchServer")
        }
    }
    #[automatically_derived]
    impl<__Service: Search> ::bus::Dispatch for SearchServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            &__CONTRACT
        }
        async fn dispatch(&self, request: ::bus::Request) -> ::bus::Reply {
            match ::bus::__private::Method::name(::bus::Request::method(&request)) {
                "find" => __handle_0(&*self.service, &request).await,
                _ => ::bus::Request::unknown_method(&request),
            }
        }
    }
    async fn __handle_0<__Service: Search>(
        service: &__Service,
        request: &::bus::Request,
    ) -> ::bus::Reply {
        let () = <u64 as ::bus::__private::Lend>::CHECKED;
        let () = <Filter as ::bus::__private::Lend>::CHECKED;
        let arguments = (|| {
            let mut decoder = ::bus::Request::arguments(request)?;
            let argument0 = <::bus::__private::String as ::bus::__private::Wire>::decode(
                &mut decoder,
            )?;
            let argument1 = <u64 as ::bus::__private::Wire>::decode_vec(&mut decoder)?;
            let argument2 = <Filter as ::bus::__private::Wire>::decode(&mut decoder)?;
            ::bus::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<
                _,
                ::bus::DecodeError,
            >((argument0, argument1, argument2))
        })();
        let (argument0, argument1, argument2) = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return ::bus::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Search>::find(service, &argument0, &argument1, &argument2)
            .await
        {
            ::core::result::Result::Ok(answer) => {
                ::bus::Request::ok_with(
                    request,
                    &answer,
                    <Vec<u64> as ::bus::__private::Wire>::encode,
                )
            }
            ::core::result::Result::Err(error) => {
                ::bus::Request::error_with(
                    request,
                    &error,
                    <String as ::bus::__private::Wire>::encode,
                )
            }
        }
    }
};
