#[cfg(feature = "clock")]
#[deprecated]
pub trait Clock: ::core::marker::Send + ::core::marker::Sync + 'static {
    #[cfg(unix)]
    #[deprecated(note = "ask the sun")]
    fn now(
        &self,
        mut times: u64,
        (hour, _): (u8, u8),
        _: (),
    ) -> impl ::core::future::Future<
        Output = Result<u64, String>,
    > + ::core::marker::Send {
        async move {
            if let ::core::option::Option::Some(__answer) = ::core::option::Option::None::<
                Result<u64, String>,
            > {
                return __answer;
            }
            times += u64::from(hour);
            Ok(times)
        }
    }
    #[cfg_attr(windows, cfg(feature = "raw"), allow(unused))]
    fn r#type(
        &self,
        r#fn: u8,
    ) -> impl ::core::future::Future<
        Output = std::result::Result<u8, String>,
    > + ::core::marker::Send;
}
#[cfg(feature = "clock")]
#[deprecated]
/**Calls a service that implements [`Clock`].

Made by `bus.client()`, or `From` a [`Channel`](::bus::Channel): a test gives it [`loopback(ClockServer::new(..))`](::bus::loopback). Cloning is cheap.*/
pub struct ClockClient {
    channel: ::bus::Channel,
}
#[cfg(feature = "clock")]
#[deprecated]
///Serves an implementation of [`Clock`]: give it to `bus.serve(..)`. Cloning is cheap.
pub struct ClockServer<__Service> {
    service: ::bus::__private::Arc<__Service>,
}
#[cfg(feature = "clock")]
#[allow(deprecated)]
impl ClockClient {
    #[cfg(unix)]
    #[deprecated(note = "ask the sun")]
    /**Calls `now`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `String`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn now(
        &self,
        times: u64,
        __argument1: (u8, u8),
        __argument2: (),
    ) -> ::bus::Call<u64, String> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::method(0usize),
            |__encoder| {
                <u64 as ::bus::__private::Wire>::encode(&times, __encoder)?;
                <(u8, u8) as ::bus::__private::Wire>::encode(&__argument1, __encoder)?;
                <() as ::bus::__private::Wire>::encode(&__argument2, __encoder)?;
                ::core::result::Result::Ok(())
            },
            <u64 as ::bus::__private::Wire>::decode,
            <String as ::bus::__private::Wire>::decode,
        )
    }
    #[cfg_attr(windows, cfg(feature = "raw"), allow(unused))]
    /**Calls `type`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `String`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn r#type(&self, r#fn: u8) -> ::bus::Call<u8, String> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::method(1usize),
            |__encoder| {
                <u8 as ::bus::__private::Wire>::encode(&r#fn, __encoder)?;
                ::core::result::Result::Ok(())
            },
            <u8 as ::bus::__private::Wire>::decode,
            <String as ::bus::__private::Wire>::decode,
        )
    }
}
#[cfg(feature = "clock")]
#[allow(deprecated)]
const _: () = {
    #[cfg(unix)]
    static __METHOD_0: ::bus::__private::Method = ::bus::__private::method(
        "now",
        &[
            ::bus::__private::argument(
                "times",
                ::bus::__private::r#type("u64", <u64 as ::bus::__private::Wire>::shape),
            ),
            ::bus::__private::argument(
                "1",
                ::bus::__private::r#type(
                    "(u8, u8)",
                    <(u8, u8) as ::bus::__private::Wire>::shape,
                ),
            ),
            ::bus::__private::argument(
                "2",
                ::bus::__private::r#type("()", <() as ::bus::__private::Wire>::shape),
            ),
        ],
        ::bus::__private::r#type("u64", <u64 as ::bus::__private::Wire>::shape),
        ::bus::__private::r#type("String", <String as ::bus::__private::Wire>::shape),
    );
    #[cfg_attr(windows, cfg(feature = "raw"))]
    static __METHOD_1: ::bus::__private::Method = ::bus::__private::method(
        "type",
        &[
            ::bus::__private::argument(
                "fn",
                ::bus::__private::r#type("u8", <u8 as ::bus::__private::Wire>::shape),
            ),
        ],
        ::bus::__private::r#type("u8", <u8 as ::bus::__private::Wire>::shape),
        ::bus::__private::r#type("String", <String as ::bus::__private::Wire>::shape),
    );
    static __CONTRACT: ::bus::Contract = ::bus::__private::contract(
            "Clock",
            "clock.req",
            "clock.resp",
        )
        .version_(::core::option_env!("CARGO_PKG_VERSION"))
        .methods_(
            &[
                #[cfg(unix)]
                &__METHOD_0,
                #[cfg_attr(windows, cfg(feature = "raw"))]
                &__METHOD_1,
            ],
        );
    #[automatically_derived]
    impl ::bus::__private::HasMethods for ClockClient {
        fn method(__position: usize) -> &'static ::bus::__private::Method {
            match __position {
                #[cfg(unix)]
                0usize => &__METHOD_0,
                #[cfg_attr(windows, cfg(feature = "raw"))]
                1usize => &__METHOD_1,
                _ => &::bus::__private::NO_METHOD,
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::bus::Channel> for ClockClient {
        fn from(__channel: ::bus::Channel) -> Self {
            Self { channel: __channel }
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for ClockClient {
        fn clone(&self) -> Self {
            Self {
                channel: ::core::clone::Clone::clone(&self.channel),
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for ClockClient {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(
                        __formatter,
                        "ClockClient",
                    ),
                    "channel",
                    &self.channel,
                ),
            )
        }
    }
    #[automatically_derived]
    impl ::bus::Client for ClockClient {
        fn contract() -> &'static ::bus::Contract {
            &__CONTRACT
        }
    }
    impl<__Service> ClockServer<__Service> {
        /// Makes a server of a service, or of an `Arc` of one. Requests run side by side on this one value.
        pub fn new(__service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(__service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for ClockServer<__Service> {
        fn from(__service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(__service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::clone::Clone for ClockServer<__Service> {
        fn clone(&self) -> Self {
            Self {
                service: ::core::clone::Clone::clone(&self.service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::fmt::Debug for ClockServer<__Service> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(__formatter, "ClockServer")
        }
    }
    #[automatically_derived]
    impl<__Service: Clock> ::bus::Dispatch for ClockServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            &__CONTRACT
        }
        async fn dispatch(
            &self,
            __request: ::bus::Request,
        ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
            match ::bus::__private::Method::name(::bus::Request::method(&__request)) {
                #[cfg(unix)]
                "now" => __handle_0(&self.service, &__request).await,
                #[cfg_attr(windows, cfg(feature = "raw"))]
                "type" => __handle_1(&self.service, &__request).await,
                _ => {
                    ::core::result::Result::Err(
                        ::bus::Request::unknown_method(&__request),
                    )
                }
            }
        }
    }
    #[cfg(unix)]
    async fn __handle_0<__Service: Clock>(
        __service: &::bus::__private::Arc<__Service>,
        __request: &::bus::Request,
    ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
        let __arguments = (|| {
            let mut __decoder = ::bus::Request::arguments(__request)?;
            let __argument0 = <u64 as ::bus::__private::Wire>::decode(&mut __decoder)?;
            let __argument1 = <(
                u8,
                u8,
            ) as ::bus::__private::Wire>::decode(&mut __decoder)?;
            let __argument2 = <() as ::bus::__private::Wire>::decode(&mut __decoder)?;
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
        let __outcome = <__Service as Clock>::now(
                &**__service,
                __argument0,
                __argument1,
                __argument2,
            )
            .await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    ::bus::Request::ok_with(
                        __request,
                        &__answer,
                        <u64 as ::bus::__private::Wire>::encode,
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
    #[cfg_attr(windows, cfg(feature = "raw"))]
    async fn __handle_1<__Service: Clock>(
        __service: &::bus::__private::Arc<__Service>,
        __request: &::bus::Request,
    ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
        let __arguments = (|| {
            let mut __decoder = ::bus::Request::arguments(__request)?;
            let __argument0 = <u8 as ::bus::__private::Wire>::decode(&mut __decoder)?;
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
        let __outcome = <__Service as Clock>::r#type(&**__service, __argument0).await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    ::bus::Request::ok_with(
                        __request,
                        &__answer,
                        <u8 as ::bus::__private::Wire>::encode,
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
    impl<__Service: Clock + ?::core::marker::Sized> Clock
    for ::bus::__private::Arc<__Service> {
        #[cfg(unix)]
        fn now(
            &self,
            __argument0: u64,
            __argument1: (u8, u8),
            __argument2: (),
        ) -> impl ::core::future::Future<
            Output = Result<u64, String>,
        > + ::core::marker::Send {
            <__Service as Clock>::now(&**self, __argument0, __argument1, __argument2)
        }
        #[cfg_attr(windows, cfg(feature = "raw"))]
        fn r#type(
            &self,
            __argument0: u8,
        ) -> impl ::core::future::Future<
            Output = std::result::Result<u8, String>,
        > + ::core::marker::Send {
            <__Service as Clock>::r#type(&**self, __argument0)
        }
    }
    const _: fn() = || {
        let _ = <ClockClient as ::core::convert::From<::bus::Channel>>::from;
        let _ = <ClockServer<()>>::new;
        #[cfg(unix)]
        let _ = ClockClient::now;
        #[cfg_attr(windows, cfg(feature = "raw"))]
        let _ = ClockClient::r#type;
    };
};
#[cfg(feature = "clock")]
#[cfg(test)]
const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(
    "BUS_UPDATE_LOCK"
);
