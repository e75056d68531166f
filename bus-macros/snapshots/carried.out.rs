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
            if let ::core::option::Option::Some(answer) = ::core::option::Option::None::<
                Result<u64, String>,
            > {
                return answer;
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
#[allow(dead_code, unreachable_pub)]
pub struct ClockClient {
    channel: ::bus::Channel,
}
#[cfg(feature = "clock")]
#[deprecated]
///Serves an implementation of [`Clock`]: give it to `bus.serve(..)`. Cloning is cheap.
#[allow(dead_code, unreachable_pub)]
pub struct ClockServer<__Service> {
    service: ::bus::__private::Arc<__Service>,
}
#[cfg(feature = "clock")]
#[allow(
    deprecated,
    dead_code,
    unreachable_pub,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
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
        argument1: (u8, u8),
        argument2: (),
    ) -> ::bus::Call<u64, String> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::methods().method_0,
            |encoder| {
                <u64 as ::bus::__private::Wire>::encode(&times, encoder)?;
                <(u8, u8) as ::bus::__private::Wire>::encode(&argument1, encoder)?;
                <() as ::bus::__private::Wire>::encode(&argument2, encoder)?;
                ::core::result::Result::Ok(())
            },
            <u64 as ::bus::__private::Wire>::decode,
            <String as ::bus::__private::Wire>::decode,
        )
    }
    #[cfg_attr(windows, cfg(feature = "raw"))]
    /**Calls `type`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `String`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn r#type(&self, r#fn: u8) -> ::bus::Call<u8, String> {
        ::bus::Call::new(
            &self.channel,
            <Self as ::bus::Client>::contract(),
            <Self as ::bus::__private::HasMethods>::methods().method_1,
            |encoder| {
                <u8 as ::bus::__private::Wire>::encode(&r#fn, encoder)?;
                ::core::result::Result::Ok(())
            },
            <u8 as ::bus::__private::Wire>::decode,
            <String as ::bus::__private::Wire>::decode,
        )
    }
}
#[cfg(feature = "clock")]
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
    pub struct __Methods {
        #[cfg(unix)]
        pub method_0: &'static ::bus::__private::Method,
        #[cfg_attr(windows, cfg(feature = "raw"))]
        pub method_1: &'static ::bus::__private::Method,
    }
    static __METHODS: __Methods = __Methods {
        #[cfg(unix)]
        method_0: &__METHOD_0,
        #[cfg_attr(windows, cfg(feature = "raw"))]
        method_1: &__METHOD_1,
    };
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
        type Methods = __Methods;
        fn methods() -> &'static __Methods {
            &__METHODS
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::bus::Channel> for ClockClient {
        fn from(channel: ::bus::Channel) -> Self {
            Self { channel }
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
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(formatter, "ClockClient"),
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
        /// Makes a server of a service. Requests run side by side on this one value.
        pub fn new(service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for ClockServer<__Service> {
        fn from(service: __Service) -> Self {
            Self {
                service: ::bus::__private::Arc::new(service),
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
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(formatter, "ClockServer")
        }
    }
    #[automatically_derived]
    impl<__Service: Clock> ::bus::Dispatch for ClockServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            &__CONTRACT
        }
        async fn dispatch(&self, request: ::bus::Request) -> ::bus::Reply {
            match ::bus::__private::Method::name(::bus::Request::method(&request)) {
                #[cfg(unix)]
                "now" => __handle_0(&*self.service, &request).await,
                #[cfg_attr(windows, cfg(feature = "raw"))]
                "type" => __handle_1(&*self.service, &request).await,
                _ => ::bus::Request::unknown_method(&request),
            }
        }
    }
    #[cfg(unix)]
    async fn __handle_0<__Service: Clock>(
        service: &__Service,
        request: &::bus::Request,
    ) -> ::bus::Reply {
        let arguments = (|| {
            let mut decoder = ::bus::Request::arguments(request)?;
            let argument0 = <u64 as ::bus::__private::Wire>::decode(&mut decoder)?;
            let argument1 = <(u8, u8) as ::bus::__private::Wire>::decode(&mut decoder)?;
            let argument2 = <() as ::bus::__private::Wire>::decode(&mut decoder)?;
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
        match <__Service as Clock>::now(service, argument0, argument1, argument2).await {
            ::core::result::Result::Ok(answer) => {
                ::bus::Request::ok_with(
                    request,
                    &answer,
                    <u64 as ::bus::__private::Wire>::encode,
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
    #[cfg_attr(windows, cfg(feature = "raw"))]
    async fn __handle_1<__Service: Clock>(
        service: &__Service,
        request: &::bus::Request,
    ) -> ::bus::Reply {
        let arguments = (|| {
            let mut decoder = ::bus::Request::arguments(request)?;
            let argument0 = <u8 as ::bus::__private::Wire>::decode(&mut decoder)?;
            ::bus::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<_, ::bus::DecodeError>((argument0,))
        })();
        let (argument0,) = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return ::bus::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Clock>::r#type(service, argument0).await {
            ::core::result::Result::Ok(answer) => {
                ::bus::Request::ok_with(
                    request,
                    &answer,
                    <u8 as ::bus::__private::Wire>::encode,
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
