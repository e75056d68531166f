::core::compile_error! {
    "`clock req` is not a valid Kafka topic name: ` ` is not allowed, use only ASCII letters, digits, `.`, `_` and `-`"
}
::core::compile_error! {
    "unknown option `idempotant` on method `sound`: did you mean `idempotent`?"
}
#[allow(async_fn_in_trait)]
pub trait Clock: ::core::marker::Send + ::core::marker::Sync + 'static {
    type Time;
    fn now(&self) -> Result<u64, String>
    where
        Self: ::core::marker::Sized;
    fn alias(
        &self,
    ) -> impl ::core::future::Future<Output = Result<u64>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn sound(
        &self,
        user: &User,
    ) -> impl ::core::future::Future<Output = Result<u64, String>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
}
/**Calls a service that implements [`Clock`].

Made by `bus.client()`, or `From` a [`Channel`](::bus::Channel): a test gives it [`loopback(ClockServer::new(..))`](::bus::loopback). Cloning is cheap.*/
pub struct ClockClient {
    channel: ::bus::Channel,
}
///Serves an implementation of [`Clock`]: give it to `bus.serve(..)`. Cloning is cheap.
pub struct ClockServer<__Service> {
    service: ::bus::__private::Arc<__Service>,
}
impl ClockClient {
    /**Calls `now`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `String`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn now(&self) -> ::bus::Call<u64, String> {
        let _ = <u64 as ::bus::__private::Wire>::shape;
        let _ = <String as ::bus::__private::Wire>::shape;
        let _ = ();
        loop {}
    }
    /**Calls `alias`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own error, if `Result<u64>` holds one, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn alias(
        &self,
    ) -> ::bus::Call<
        ::bus::__private::Answer<
            Result<u64>,
            {
                use ::bus::__private::Plain as __Plain;
                let _: bool = <::bus::__private::Returned<()> as __Plain>::IS_RESULT;
                <::bus::__private::Returned<Result<u64>>>::IS_RESULT
            },
        >,
        ::bus::__private::ErrorOf<
            Result<u64>,
            {
                use ::bus::__private::Plain as __Plain;
                let _: bool = <::bus::__private::Returned<()> as __Plain>::IS_RESULT;
                <::bus::__private::Returned<Result<u64>>>::IS_RESULT
            },
        >,
    > {
        let _ = <::bus::__private::Answer<
            Result<u64>,
            {
                use ::bus::__private::Plain as __Plain;
                let _: bool = <::bus::__private::Returned<()> as __Plain>::IS_RESULT;
                <::bus::__private::Returned<Result<u64>>>::IS_RESULT
            },
        > as ::bus::__private::Wire>::shape;
        let _ = <::bus::__private::ErrorOf<
            Result<u64>,
            {
                use ::bus::__private::Plain as __Plain;
                let _: bool = <::bus::__private::Returned<()> as __Plain>::IS_RESULT;
                <::bus::__private::Returned<Result<u64>>>::IS_RESULT
            },
        > as ::bus::__private::NamedError>::shape;
        let _ = ();
        loop {}
    }
    /**Calls `sound`.

Nothing is sent before the call is awaited. It waits as long as the client says, 5 s where nobody says anything; [`timeout`](::bus::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](::bus::CallError::Service) with the service's own `String`, or [`CallError::Bus`](::bus::CallError::Bus) with the [`Failure`](::bus::Failure) that says why there is no answer.*/
    pub fn sound(&self, user: &User) -> ::bus::Call<u64, String> {
        let _ = <User as ::bus::__private::Wire>::shape;
        let _ = <u64 as ::bus::__private::Wire>::shape;
        let _ = <String as ::bus::__private::Wire>::shape;
        let _ = (&user,);
        loop {}
    }
}
const _: () = {
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
            loop {}
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
    impl<
        __Service: ::core::marker::Send + ::core::marker::Sync + 'static,
    > ::bus::Dispatch for ClockServer<__Service> {
        fn contract(&self) -> &'static ::bus::Contract {
            loop {}
        }
        async fn dispatch(
            &self,
            _: ::bus::Request,
        ) -> ::core::result::Result<::bus::Reply, ::bus::Rejected> {
            loop {}
        }
    }
    const _: fn() = || {
        let _ = <ClockClient as ::core::convert::From<::bus::Channel>>::from;
        let _ = <ClockServer<()>>::new;
        let _ = ClockClient::now;
        let _ = ClockClient::alias;
        let _ = ClockClient::sound;
    };
};
