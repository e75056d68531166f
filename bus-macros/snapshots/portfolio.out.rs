/// Portfolio queries.
pub trait Portfolio: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Products that a user holds.
    fn products(
        &self,
        user: UserId,
    ) -> impl ::core::future::Future<
        Output = Result<Vec<Product>, PortfolioError>,
    > + ::core::marker::Send;
    /// Moves money; one account's requests go to one partition.
    fn transfer(
        &self,
        account: AccountId,
        amount: Money,
    ) -> impl ::core::future::Future<
        Output = Result<Receipt, PortfolioError>,
    > + ::core::marker::Send;
}
/**Calls a service that implements [`Portfolio`].

Portfolio queries.

Made by `bus.client()`, or `From` a [`Channel`](::bus::Channel): a test gives it [`loopback(PortfolioServer::new(..))`](::bus::loopback). Cloning is cheap.*/
pub struct PortfolioClient {
    channel: ::bus::Channel,
}
///Serves an implementation of [`Portfolio`]: give it to `bus.serve(..)`. Cloning is cheap.
pub struct PortfolioServer<__Service> {
    service: ::bus::__private::Arc<__Service>,
}
impl PortfolioClient {
    /// Products that a user holds.
    /**
Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `PortfolioError`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn products(&self, user: UserId) -> ::bus::Call<Vec<Product>, PortfolioError> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::method(0usize),
            |__encoder| {
                <UserId as ::bus::__private::Wire>::encode(&user, __encoder)?;
                ::core::result::Result::Ok(())
            },
            <Vec<Product> as ::bus::__private::Wire>::decode,
            <PortfolioError as ::bus::__private::Wire>::decode,
        )
    }
    /// Moves money; one account's requests go to one partition.
    /**
Nothing is sent before the call is awaited. It waits for 2 s at most; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `PortfolioError`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn transfer(
        &self,
        account: AccountId,
        amount: Money,
    ) -> ::bus::Call<Receipt, PortfolioError> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::method(1usize),
            |__encoder| {
                <AccountId as ::bus::__private::Wire>::encode(&account, __encoder)?;
                <Money as ::bus::__private::Wire>::encode(&amount, __encoder)?;
                ::bus::__private::Encoder::partition_key(
                    __encoder,
                    <AccountId as ::bus::PartitionKey>::partition_key(&account),
                );
                ::core::result::Result::Ok(())
            },
            <Receipt as ::bus::__private::Wire>::decode,
            <PortfolioError as ::bus::__private::Wire>::decode,
        )
    }
}
const _: () = {
    static __METHOD_0: ::bus::__private::Method = ::bus::__private::method(
            "products",
            &[
                ::bus::__private::argument(
                    "user",
                    ::bus::__private::r#type(
                        "UserId",
                        <UserId as ::bus::__private::Wire>::shape,
                    ),
                ),
            ],
            ::bus::__private::r#type(
                "Vec<Product>",
                <Vec<Product> as ::bus::__private::Wire>::shape,
            ),
            ::bus::__private::r#type(
                "PortfolioError",
                <PortfolioError as ::bus::__private::Wire>::shape,
            ),
        )
        .docs_("Products that a user holds.");
    static __METHOD_1: ::bus::__private::Method = ::bus::__private::method(
            "transfer",
            &[
                ::bus::__private::argument(
                        "account",
                        ::bus::__private::r#type(
                            "AccountId",
                            <AccountId as ::bus::__private::Wire>::shape,
                        ),
                    )
                    .key_(),
                ::bus::__private::argument(
                    "amount",
                    ::bus::__private::r#type(
                        "Money",
                        <Money as ::bus::__private::Wire>::shape,
                    ),
                ),
            ],
            ::bus::__private::r#type(
                "Receipt",
                <Receipt as ::bus::__private::Wire>::shape,
            ),
            ::bus::__private::r#type(
                "PortfolioError",
                <PortfolioError as ::bus::__private::Wire>::shape,
            ),
        )
        .docs_("Moves money; one account's requests go to one partition.")
        .timeout_(2000u64);
    static __CONTRACT: ::bus::Contract = ::bus::__private::contract(
            "Portfolio",
            "portfolio.req",
            "portfolio.resp",
        )
        .docs_("Portfolio queries.")
        .version_(::core::option_env!("CARGO_PKG_VERSION"))
        .methods_(&[&__METHOD_0, &__METHOD_1]);
    #[automatically_derived]
    impl ::bus::__private::HasMethods for PortfolioClient {
        fn method(__position: usize) -> &'static ::bus::__private::Method {
            match __position {
                0usize => &__METHOD_0,
                1usize => &__METHOD_1,
                _ => &::bus::__private::NO_METHOD,
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::bus::Channel> for PortfolioClient {
        fn from(__channel: ::bus::Channel) -> Self {
            Self { channel: __channel }
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for PortfolioClient {
        fn clone(&self) -> Self {
            Self {
                channel: ::core::clone::Clone::clone(&self.channel),
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for PortfolioClient {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(
                        __formatter,
                        "PortfolioClient",
                    ),
                    "channel",
                    &self.channel,
                ),
            )
        }
    }
    #[automatically_derived]
    impl ::bus::Client for PortfolioClient {
        fn contract() -> &'static ::bus::Contract {
            &__CONTRACT
        }
    }
    impl<__Service> PortfolioServer<__Service> {
        /// Makes a server of a service, or of an `Arc` of one. Requests run side by side on this one value.
        pub fn new(__service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(__service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for PortfolioServer<__Service> {
        fn from(__service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(__service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::clone::Clone for PortfolioServer<__Service> {
        fn clone(&self) -> Self {
            Self {
                service: ::core::clone::Clone::clone(&self.service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::fmt::Debug for PortfolioServer<__Service> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(__formatter, "PortfolioServer")
        }
    }
    #[automatically_derived]
    impl<__Service: Portfolio> ::bus::Dispatch for PortfolioServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            &__CONTRACT
        }
        async fn dispatch(
            &self,
            __request: ::bus::Request,
        ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
            match ::bus::__private::Method::name(::bus::Request::method(&__request)) {
                "products" => __handle_0(&self.service, &__request).await,
                "transfer" => __handle_1(&self.service, &__request).await,
                _ => {
                    ::core::result::Result::Err(
                        ::bus::Request::unknown_method(&__request),
                    )
                }
            }
        }
    }
    async fn __handle_0<__Service: Portfolio>(
        __service: &::bus::__private::Arc<__Service>,
        __request: &::bus::Request,
    ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
        let __arguments = (|| {
            let mut __decoder = ::bus::Request::arguments(__request)?;
            let __argument0 = <UserId as ::bus::__private::Wire>::decode(
                &mut __decoder,
            )?;
            ::bus::__private::Decoder::finish(__decoder)?;
            ::core::result::Result::Ok::<_, ::bus::DecodeError>((__argument0,))
        })();
        let (__argument0,) = match __arguments {
            ::core::result::Result::Ok(__arguments) => __arguments,
            ::core::result::Result::Err(__cause) => {
                return ::core::result::Result::Err(
                    ::bus::Request::undecodable(__request, &__cause),
                );
            }
        };
        let __outcome = <__Service as Portfolio>::products(&**__service, __argument0)
            .await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    ::bus::Request::ok_with(
                        __request,
                        &__answer,
                        <Vec<Product> as ::bus::__private::Wire>::encode,
                    )
                }
                ::core::result::Result::Err(__error) => {
                    ::bus::Request::error_with(
                        __request,
                        &__error,
                        <PortfolioError as ::bus::__private::Wire>::encode,
                    )
                }
            },
        )
    }
    async fn __handle_1<__Service: Portfolio>(
        __service: &::bus::__private::Arc<__Service>,
        __request: &::bus::Request,
    ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
        let __arguments = (|| {
            let mut __decoder = ::bus::Request::arguments(__request)?;
            let __argument0 = <AccountId as ::bus::__private::Wire>::decode(
                &mut __decoder,
            )?;
            let __argument1 = <Money as ::bus::__private::Wire>::decode(&mut __decoder)?;
            ::bus::__private::Decoder::finish(__decoder)?;
            ::core::result::Result::Ok::<
                _,
                ::bus::DecodeError,
            >((__argument0, __argument1))
        })();
        let (__argument0, __argument1) = match __arguments {
            ::core::result::Result::Ok(__arguments) => __arguments,
            ::core::result::Result::Err(__cause) => {
                return ::core::result::Result::Err(
                    ::bus::Request::undecodable(__request, &__cause),
                );
            }
        };
        let __outcome = <__Service as Portfolio>::transfer(
                &**__service,
                __argument0,
                __argument1,
            )
            .await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    ::bus::Request::ok_with(
                        __request,
                        &__answer,
                        <Receipt as ::bus::__private::Wire>::encode,
                    )
                }
                ::core::result::Result::Err(__error) => {
                    ::bus::Request::error_with(
                        __request,
                        &__error,
                        <PortfolioError as ::bus::__private::Wire>::encode,
                    )
                }
            },
        )
    }
    impl<__Service: Portfolio + ?::core::marker::Sized> Portfolio
    for ::bus::__private::Arc<__Service> {
        fn products(
            &self,
            __argument0: UserId,
        ) -> impl ::core::future::Future<
            Output = Result<Vec<Product>, PortfolioError>,
        > + ::core::marker::Send {
            <__Service as Portfolio>::products(&**self, __argument0)
        }
        fn transfer(
            &self,
            __argument0: AccountId,
            __argument1: Money,
        ) -> impl ::core::future::Future<
            Output = Result<Receipt, PortfolioError>,
        > + ::core::marker::Send {
            <__Service as Portfolio>::transfer(&**self, __argument0, __argument1)
        }
    }
    const _: fn() = || {
        let _ = <PortfolioClient as ::core::convert::From<::bus::Channel>>::from;
        let _ = <PortfolioServer<()>>::new;
        let _ = PortfolioClient::products;
        let _ = PortfolioClient::transfer;
    };
};
#[cfg(test)]
const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(
    "BUS_UPDATE_LOCK"
);
