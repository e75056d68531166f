trait Jobs: Debug + ::core::marker::Send + ::core::marker::Sync + 'static {
    fn begin(
        &self,
    ) -> impl ::core::future::Future<Output = Result<(), String>> + ::core::marker::Send;
    fn forget(
        &self,
        job: u64,
    ) -> impl ::core::future::Future<Output = Result<(), String>> + ::core::marker::Send;
    fn wait(
        &self,
        job: u64,
    ) -> impl ::core::future::Future<Output = Result<(), String>> + ::core::marker::Send;
}
/**Calls a service that implements [`Jobs`].

Made by `bus.client()`, or `From` a [`Channel`](crate::messages::Channel): a test gives it [`loopback(JobsHost::new(..))`](crate::messages::loopback). Cloning is cheap.*/
#[allow(dead_code, unreachable_pub)]
struct JobsCaller {
    channel: crate::messages::Channel,
}
///Serves an implementation of [`Jobs`]: give it to `bus.serve(..)`. Cloning is cheap.
#[allow(dead_code, unreachable_pub)]
struct JobsHost<__Service> {
    service: crate::messages::__private::Arc<__Service>,
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
impl JobsCaller {
    /**Calls `begin`.

Nothing is sent before the call is awaited. It waits for 60 s at most, or as long as the client says; [`timeout`](crate::messages::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](crate::messages::CallError::Service) with the service's own `String`, or [`CallError::Bus`](crate::messages::CallError::Bus) with the [`Failure`](crate::messages::Failure) that says why there is no answer.*/
    fn begin(&self) -> crate::messages::Call<(), String> {
        crate::messages::Call::new(
            &self.channel,
            <Self as crate::messages::Client>::contract(),
            <Self as crate::messages::__private::HasMethods>::methods().method_0,
            |encoder| { ::core::result::Result::Ok(()) },
            <() as crate::messages::__private::Wire>::decode,
            <String as crate::messages::__private::Wire>::decode,
        )
    }
    /**Calls `forget`.

Ends when the broker has the request; there is no answer. It waits for 60 s at most, or as long as the client says; [`timeout`](crate::messages::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](crate::messages::CallError::Service) with the service's own `String`, or [`CallError::Bus`](crate::messages::CallError::Bus) with the [`Failure`](crate::messages::Failure) that says why there is no answer.*/
    fn forget(&self, job: u64) -> crate::messages::Call<(), String> {
        crate::messages::Call::new(
            &self.channel,
            <Self as crate::messages::Client>::contract(),
            <Self as crate::messages::__private::HasMethods>::methods().method_1,
            |encoder| {
                <u64 as crate::messages::__private::Wire>::encode(&job, encoder)?;
                ::core::result::Result::Ok(())
            },
            <() as crate::messages::__private::Wire>::decode,
            <String as crate::messages::__private::Wire>::decode,
        )
    }
    /**Calls `wait`.

Nothing is sent before the call is awaited. It waits for 60 s at most, or as long as the client says; [`timeout`](crate::messages::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](crate::messages::CallError::Service) with the service's own `String`, or [`CallError::Bus`](crate::messages::CallError::Bus) with the [`Failure`](crate::messages::Failure) that says why there is no answer.*/
    fn wait(&self, job: u64) -> crate::messages::Call<(), String> {
        crate::messages::Call::new(
            &self.channel,
            <Self as crate::messages::Client>::contract(),
            <Self as crate::messages::__private::HasMethods>::methods().method_2,
            |encoder| {
                <u64 as crate::messages::__private::Wire>::encode(&job, encoder)?;
                ::core::result::Result::Ok(())
            },
            <() as crate::messages::__private::Wire>::decode,
            <String as crate::messages::__private::Wire>::decode,
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
    static __METHOD_0: crate::messages::__private::Method = crate::messages::__private::method(
            "start",
            &[],
            crate::messages::__private::r#type(
                "()",
                <() as crate::messages::__private::Wire>::shape,
            ),
            crate::messages::__private::r#type(
                "String",
                <String as crate::messages::__private::Wire>::shape,
            ),
        )
        .run_(crate::messages::__private::Run::Inline)
        .idempotent_();
    static __METHOD_1: crate::messages::__private::Method = crate::messages::__private::method(
            "forget",
            &[
                crate::messages::__private::argument(
                    "job",
                    crate::messages::__private::r#type(
                        "u64",
                        <u64 as crate::messages::__private::Wire>::shape,
                    ),
                ),
            ],
            crate::messages::__private::r#type(
                "()",
                <() as crate::messages::__private::Wire>::shape,
            ),
            crate::messages::__private::r#type(
                "String",
                <String as crate::messages::__private::Wire>::shape,
            ),
        )
        .run_(crate::messages::__private::Run::Blocking)
        .exchange_(crate::messages::__private::Exchange::Oneway);
    static __METHOD_2: crate::messages::__private::Method = crate::messages::__private::method(
            "wait",
            &[
                crate::messages::__private::argument(
                    "job",
                    crate::messages::__private::r#type(
                        "u64",
                        <u64 as crate::messages::__private::Wire>::shape,
                    ),
                ),
            ],
            crate::messages::__private::r#type(
                "()",
                <() as crate::messages::__private::Wire>::shape,
            ),
            crate::messages::__private::r#type(
                "String",
                <String as crate::messages::__private::Wire>::shape,
            ),
        )
        .exchange_(crate::messages::__private::Exchange::CancellableAnswer);
    pub struct __Methods {
        pub method_0: &'static crate::messages::__private::Method,
        pub method_1: &'static crate::messages::__private::Method,
        pub method_2: &'static crate::messages::__private::Method,
    }
    static __METHODS: __Methods = __Methods {
        method_0: &__METHOD_0,
        method_1: &__METHOD_1,
        method_2: &__METHOD_2,
    };
    static __CONTRACT: crate::messages::Contract = crate::messages::__private::contract(
            "Jobs",
            "jobs.req",
            "jobs.resp",
        )
        .version_(::core::option_env!("CARGO_PKG_VERSION"))
        .partitions_(12u32)
        .reply_partitions_(3u32)
        .replication_(3)
        .codec_(crate::messages::Codec::Json)
        .timeout_(60000u64)
        .methods_(&[&__METHOD_0, &__METHOD_1, &__METHOD_2]);
    #[automatically_derived]
    impl crate::messages::__private::HasMethods for JobsCaller {
        type Methods = __Methods;
        fn methods() -> &'static __Methods {
            &__METHODS
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<crate::messages::Channel> for JobsCaller {
        fn from(channel: crate::messages::Channel) -> Self {
            Self { channel }
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for JobsCaller {
        fn clone(&self) -> Self {
            Self {
                channel: ::core::clone::Clone::clone(&self.channel),
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for JobsCaller {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(formatter, "JobsCaller"),
                    "channel",
                    &self.channel,
                ),
            )
        }
    }
    #[automatically_derived]
    impl crate::messages::Client for JobsCaller {
        fn contract() -> &'static crate::messages::Contract {
            &__CONTRACT
        }
    }
    impl<__Service> JobsHost<__Service> {
        /// Makes a server of a service. Requests run side by side on this one value.
        fn new(service: __Service) -> Self {
            Self {
                service: crate::messages::__private::Arc::new(service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for JobsHost<__Service> {
        fn from(service: __Service) -> Self {
            Self {
                service: crate::messages::__private::Arc::new(service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::clone::Clone for JobsHost<__Service> {
        fn clone(&self) -> Self {
            Self {
                service: ::core::clone::Clone::clone(&self.service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::fmt::Debug for JobsHost<__Service> {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(formatter, "JobsHost")
        }
    }
    #[automatically_derived]
    impl<__Service: Jobs> crate::messages::Dispatch for JobsHost<__Service> {
        fn contract(&self) -> &'static crate::messages::Contract {
            &__CONTRACT
        }
        async fn dispatch(
            &self,
            request: crate::messages::Request,
        ) -> crate::messages::Reply {
            match crate::messages::__private::Method::name(
                crate::messages::Request::method(&request),
            ) {
                "start" => __handle_0(&*self.service, &request).await,
                "forget" => __handle_1(&*self.service, &request).await,
                "wait" => __handle_2(&*self.service, &request).await,
                _ => crate::messages::Request::unknown_method(&request),
            }
        }
    }
    async fn __handle_0<__Service: Jobs>(
        service: &__Service,
        request: &crate::messages::Request,
    ) -> crate::messages::Reply {
        let arguments = (|| {
            let mut decoder = crate::messages::Request::arguments(request)?;
            crate::messages::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<_, crate::messages::DecodeError>(())
        })();
        let () = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return crate::messages::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Jobs>::begin(service).await {
            ::core::result::Result::Ok(answer) => {
                crate::messages::Request::ok_with(
                    request,
                    &answer,
                    <() as crate::messages::__private::Wire>::encode,
                )
            }
            ::core::result::Result::Err(error) => {
                crate::messages::Request::error_with(
                    request,
                    &error,
                    <String as crate::messages::__private::Wire>::encode,
                )
            }
        }
    }
    async fn __handle_1<__Service: Jobs>(
        service: &__Service,
        request: &crate::messages::Request,
    ) -> crate::messages::Reply {
        let arguments = (|| {
            let mut decoder = crate::messages::Request::arguments(request)?;
            let argument0 = <u64 as crate::messages::__private::Wire>::decode(
                &mut decoder,
            )?;
            crate::messages::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<_, crate::messages::DecodeError>((argument0,))
        })();
        let (argument0,) = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return crate::messages::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Jobs>::forget(service, argument0).await {
            ::core::result::Result::Ok(answer) => {
                crate::messages::Request::ok_with(
                    request,
                    &answer,
                    <() as crate::messages::__private::Wire>::encode,
                )
            }
            ::core::result::Result::Err(error) => {
                crate::messages::Request::error_with(
                    request,
                    &error,
                    <String as crate::messages::__private::Wire>::encode,
                )
            }
        }
    }
    async fn __handle_2<__Service: Jobs>(
        service: &__Service,
        request: &crate::messages::Request,
    ) -> crate::messages::Reply {
        let arguments = (|| {
            let mut decoder = crate::messages::Request::arguments(request)?;
            let argument0 = <u64 as crate::messages::__private::Wire>::decode(
                &mut decoder,
            )?;
            crate::messages::__private::Decoder::finish(decoder)?;
            ::core::result::Result::Ok::<_, crate::messages::DecodeError>((argument0,))
        })();
        let (argument0,) = match arguments {
            ::core::result::Result::Ok(arguments) => arguments,
            ::core::result::Result::Err(cause) => {
                return crate::messages::Request::undecodable(request, &cause);
            }
        };
        match <__Service as Jobs>::wait(service, argument0).await {
            ::core::result::Result::Ok(answer) => {
                crate::messages::Request::ok_with(
                    request,
                    &answer,
                    <() as crate::messages::__private::Wire>::encode,
                )
            }
            ::core::result::Result::Err(error) => {
                crate::messages::Request::error_with(
                    request,
                    &error,
                    <String as crate::messages::__private::Wire>::encode,
                )
            }
        }
    }
};
