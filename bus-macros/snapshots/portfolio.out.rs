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
#[allow(dead_code, unreachable_pub)]
pub struct PortfolioClient {
    channel: ::bus::Channel,
}
///Serves an implementation of [`Portfolio`]: give it to `bus.serve(..)`. Cloning is cheap.
#[allow(dead_code, unreachable_pub)]
pub struct PortfolioServer<__Service> {
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
            <Self as ::bus::__private::HasMethods>::methods().method_0,
            |encoder| {
                <UserId as ::bus::__private::Wire>::encode(&user, encoder)?;
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
            <Self as ::bus::__private::HasMethods>::methods().method_1,
            |encoder| {
                <AccountId as ::bus::__private::Wire>::encode(&account, encoder)?;
                <Money as ::bus::__private::Wire>::encode(&amount, encoder)?;
                ::bus::__private::Encoder::partition_key(
                    encoder,
                    <AccountId as ::bus::PartitionKey>::partition_key(&account),
                );
                ::core::result::Result::Ok(())
            },
            <Receipt as ::bus::__private::Wire>::decode,
            <PortfolioError as ::bus::__private::Wire>::decode,
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
    pub struct __Methods {
        pub method_0: &'static ::bus::__private::Method,
        pub method_1: &'static ::bus::__private::Method,
    }
    static __METHODS: __Methods = __Methods {
        method_0: &__METHOD_0,
        method_1: &__METHOD_1,
    };
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
        type Methods = __Methods;
        fn methods() -> &'static __Methods {
            &__METHODS
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::bus::Channel> for PortfolioClient {
        fn from(channel: ::bus::Channel) -> Self {
            Self { channel }
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
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(
                        formatter,
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
        /// Makes a server of a service. Requests run side by side on this one value.
        pub fn new(service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for PortfolioServer<__Service> {
        fn from(service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(service),
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
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(formatter, "PortfolioServer")
        }
    }
    #[automatically_derived]
    impl<__Service: Portfolio> ::bus::Dispatch for PortfolioServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            &__CONTRACT
        }
        async fn dispatch(&self, request: ::bus::Request) -> ::bus::Reply {
            match ::bus::__private::Method::name(::bus::Request::method(&request)) {
                "products" => __handle_0(&*self.service, &request).await,
                "transfer" => __handle_1(&*self.service, &request).await,
                _ => ::bus::Request::unknown_method(&request),
            }
        }
    }
    async fn __handle_0<__Service: Portfolio>(
        service: &__Service,
        request: &::bus::Request,
    ) -> ::bus::Reply {
        let arguments = (|| {
            let mut decoder = ::bus::Request::arguments(request)?;
            let argument0 = <UserId as ::bus::__private::Wire>::decode(&mut decoder)?;
            ::bus::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<_, ::bus::DecodeError>((argument0,))
        })();
        let (argument0,) = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return ::bus::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Portfolio>::products(service, argument0).await {
            ::core::result::Result::Ok(answer) => {
                ::bus::Request::ok_with(
                    request,
                    &answer,
                    <Vec<Product> as ::bus::__private::Wire>::encode,
                )
            }
            ::core::result::Result::Err(error) => {
                ::bus::Request::error_with(
                    request,
                    &error,
                    <PortfolioError as ::bus::__private::Wire>::encode,
                )
            }
        }
    }
    async fn __handle_1<__Service: Portfolio>(
        service: &__Service,
        request: &::bus::Request,
    ) -> ::bus::Reply {
        let arguments = (|| {
            let mut decoder = ::bus::Request::arguments(request)?;
            let argument0 = <AccountId as ::bus::__private::Wire>::decode(&mut decoder)?;
            let argument1 = <Money as ::bus::__private::Wire>::decode(&mut decoder)?;
            ::bus::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<_, ::bus::DecodeError>((argument0, argument1))
        })();
        let (argument0, argument1) = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return ::bus::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Portfolio>::transfer(service, argument0, argument1).await {
            ::core::result::Result::Ok(answer) => {
                ::bus::Request::ok_with(
                    request,
                    &answer,
                    <Receipt as ::bus::__private::Wire>::encode,
                )
            }
            ::core::result::Result::Err(error) => {
                ::bus::Request::error_with(
                    request,
                    &error,
                    <PortfolioError as ::bus::__private::Wire>::encode,
                )
            }
        }
    }
};
