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
pub(crate) struct SearchClient {
    channel: ::bus::Channel,
}
///Serves an implementation of [`Search`]: give it to `bus.serve(..)`. Cloning is cheap.
pub(crate) struct SearchServer<__Service> {
    service: ::bus::__private::Arc<__Service>,
}
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
            <Self as ::bus::__private::HasMethods>::method(0usize),
            |__encoder| {
                ::bus::__private::encode_str(name, __encoder)?;
                <u64 as ::bus::__private::Wire>::encode_slice(ids, __encoder)?;
                <Filter as ::bus::__private::Wire>::encode(filter, __encoder)?;
                ::bus::__private::Encoder::partition_key(
                    __encoder,
                    <str as ::bus::PartitionKey>::partition_key(name),
                );
                ::core::result::Result::Ok(())
            },
            <Vec<u64> as ::bus::__private::Wire>::decode,
            <String as ::bus::__private::Wire>::decode,
        )
    }
}
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
    static __CONTRACT: ::bus::Contract = ::bus::__private::contract(
            "Search",
            "search.req",
            "search.resp",
        )
        .version_(::core::option_env!("CARGO_PKG_VERSION"))
        .methods_(&[&__METHOD_0]);
    #[automatically_derived]
    impl ::bus::__private::HasMethods for SearchClient {
        fn method(__position: usize) -> &'static ::bus::__private::Method {
            match __position {
                0usize => &__METHOD_0,
                _ => &::bus::__private::NO_METHOD,
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::bus::Channel> for SearchClient {
        fn from(__channel: ::bus::Channel) -> Self {
            Self { channel: __channel }
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
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(
                        __formatter,
                        "SearchClient",
                    ),
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
        /// Makes a server of a service, or of an `Arc` of one. Requests run side by side on this one value.
        pub(crate) fn new(__service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(__service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for SearchServer<__Service> {
        fn from(__service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(__service),
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
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(__formatter, "SearchServer")
        }
    }
    #[automatically_derived]
    impl<__Service: Search> ::bus::Dispatch for SearchServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            &__CONTRACT
        }
        async fn dispatch(
            &self,
            __request: ::bus::Request,
        ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
            match ::bus::__private::Method::name(::bus::Request::method(&__request)) {
                "find" => __handle_0(&self.service, &__request).await,
                _ => {
                    ::core::result::Result::Err(
                        ::bus::Request::unknown_method(&__request),
                    )
                }
            }
        }
    }
    async fn __handle_0<__Service: Search>(
        __service: &::bus::__private::Arc<__Service>,
        __request: &::bus::Request,
    ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
        let () = <u64 as ::bus::__private::Lend>::CHECKED;
        let () = <Filter as ::bus::__private::Lend>::CHECKED;
        let __arguments = (|| {
            let mut __decoder = ::bus::Request::arguments(__request)?;
            let __argument0 = <::bus::__private::String as ::bus::__private::Wire>::decode(
                &mut __decoder,
            )?;
            let __argument1 = <u64 as ::bus::__private::Wire>::decode_vec(
                &mut __decoder,
            )?;
            let __argument2 = <Filter as ::bus::__private::Wire>::decode(
                &mut __decoder,
            )?;
            ::bus::__private::Decoder::finish(__decoder)?;
            ::core::result::Result::Ok::<
                _,
                ::bus::DecodeError,
            >((__argument0, __argument1, __argument2))
        })();
        let (__argument0, __argument1, __argument2) = match __arguments {
            ::core::result::Result::Ok(__arguments) => __arguments,
            ::core::result::Result::Err(__cause) => {
                return ::core::result::Result::Err(
                    ::bus::Request::undecodable(__request, &__cause),
                );
            }
        };
        let __outcome = <__Service as Search>::find(
                &**__service,
                &__argument0,
                &__argument1,
                &__argument2,
            )
            .await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    ::bus::Request::ok_with(
                        __request,
                        &__answer,
                        <Vec<u64> as ::bus::__private::Wire>::encode,
                    )
                }
                ::core::result::Result::Err(__error) => {
                    ::bus::Request::error_with(
                        __request,
                        &__error,
                        <String as ::bus::__private::Wire>::encode,
                    )
                }
            },
        )
    }
    impl<__Service: Search + ?::core::marker::Sized> Search
    for ::bus::__private::Arc<__Service> {
        fn find(
            &self,
            __argument0: &str,
            __argument1: &[u64],
            __argument2: &Filter,
        ) -> impl ::core::future::Future<
            Output = Result<Vec<u64>, String>,
        > + ::core::marker::Send {
            <__Service as Search>::find(&**self, __argument0, __argument1, __argument2)
        }
    }
    const _: fn() = || {
        let _ = <SearchClient as ::core::convert::From<::bus::Channel>>::from;
        let _ = <SearchServer<()>>::new;
        let _ = SearchClient::find;
    };
};
#[cfg(test)]
const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(
    "BUS_UPDATE_LOCK"
);
