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
struct JobsCaller {
    channel: crate::messages::Channel,
}
///Serves an implementation of [`Jobs`]: give it to `bus.serve(..)`. Cloning is cheap.
struct JobsHost<__Service> {
    service: crate::messages::__private::Arc<__Service>,
}
impl JobsCaller {
    /**Calls `begin`.

Nothing is sent before the call is awaited. It waits for 60 s at most, or as long as the client says; [`timeout`](crate::messages::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](crate::messages::CallError::Service) with the service's own `String`, or [`CallError::Bus`](crate::messages::CallError::Bus) with the [`Failure`](crate::messages::Failure) that says why there is no answer.*/
    fn begin(&self) -> crate::messages::Call<(), String> {
        crate::messages::Call::new(
            &self.channel,
            <Self as crate::messages::Client>::contract(),
            <Self as crate::messages::__private::HasMethods>::method(0usize),
            |_| { ::core::result::Result::Ok(()) },
            <() as crate::messages::__private::Wire>::decode,
            <String as crate::messages::__private::Wire>::decode,
        )
    }
    /**Calls `forget`.

Ends when the handler is done; it has no value to answer with. It waits for 60 s at most, or as long as the client says; [`timeout`](crate::messages::Call::timeout) on the call changes that.

# Errors

[`CallError::Service`](crate::messages::CallError::Service) with the service's own `String`, or [`CallError::Bus`](crate::messages::CallError::Bus) with the [`Failure`](crate::messages::Failure) that says why there is no answer.*/
    fn forget(&self, job: u64) -> crate::messages::Call<(), String> {
        crate::messages::Call::new(
            &self.channel,
            <Self as crate::messages::Client>::contract(),
            <Self as crate::messages::__private::HasMethods>::method(1usize),
            |__encoder| {
                <u64 as crate::messages::__private::Wire>::encode(&job, __encoder)?;
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
            <Self as crate::messages::__private::HasMethods>::method(2usize),
            |__encoder| {
                <u64 as crate::messages::__private::Wire>::encode(&job, __encoder)?;
                ::core::result::Result::Ok(())
            },
            <() as crate::messages::__private::Wire>::decode,
            <String as crate::messages::__private::Wire>::decode,
        )
    }
}
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
        fn method(__position: usize) -> &'static crate::messages::__private::Method {
            match __position {
                0usize => &__METHOD_0,
                1usize => &__METHOD_1,
                2usize => &__METHOD_2,
                _ => &crate::messages::__private::NO_METHOD,
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<crate::messages::Channel> for JobsCaller {
        fn from(__channel: crate::messages::Channel) -> Self {
            Self { channel: __channel }
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
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::DebugStruct::finish(
                ::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(__formatter, "JobsCaller"),
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
        /// Makes a server of a service, or of an `Arc` of one. Requests run side by side on this one value.
        fn new(__service: __Service) -> Self {
            Self {
                service: crate::messages::__private::Arc::new(__service),
            }
        }
    }
    #[automatically_derived]
    impl<__Service> ::core::convert::From<__Service> for JobsHost<__Service> {
        fn from(__service: __Service) -> Self {
            Self {
                service: crate::messages::__private::Arc::new(__service),
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
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Formatter::write_str(__formatter, "JobsHost")
        }
    }
    #[automatically_derived]
    impl<__Service: Jobs> crate::messages::Dispatch for JobsHost<__Service> {
        fn contract(&self) -> &'static crate::messages::Contract {
            &__CONTRACT
        }
        async fn dispatch(
            &self,
            __request: crate::messages::Request,
        ) -> ::core::result::Result<crate::messages::Reply, crate::messages::Rejected> {
            match crate::messages::__private::Method::name(
                crate::messages::Request::method(&__request),
            ) {
                "start" => __handle_0(&self.service, &__request).await,
                "forget" => __handle_1(&self.service, &__request).await,
                "wait" => __handle_2(&self.service, &__request).await,
                _ => {
                    ::core::result::Result::Err(
                        crate::messages::Request::unknown_method(&__request),
                    )
                }
            }
        }
    }
    async fn __handle_0<__Service: Jobs>(
        __service: &crate::messages::__private::Arc<__Service>,
        __request: &crate::messages::Request,
    ) -> ::core::result::Result<crate::messages::Reply, crate::messages::Rejected> {
        let __arguments = (|| {
            let mut __decoder = crate::messages::Request::arguments(__request)?;
            crate::messages::__private::Decoder::finish(__decoder)?;
            ::core::result::Result::Ok::<_, crate::messages::DecodeError>(())
        })();
        let () = match __arguments {
            ::core::result::Result::Ok(__arguments) => __arguments,
            ::core::result::Result::Err(__cause) => {
                return ::core::result::Result::Err(
                    crate::messages::Request::undecodable(__request, &__cause),
                );
            }
        };
        let __outcome = <__Service as Jobs>::begin(&**__service).await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    crate::messages::Request::ok_with(
                        __request,
                        &__answer,
                        <() as crate::messages::__private::Wire>::encode,
                    )
                }
                ::core::result::Result::Err(__error) => {
                    crate::messages::Request::error_with(
                        __request,
                        &__error,
                        <String as crate::messages::__private::Wire>::encode,
                    )
                }
            },
        )
    }
    async fn __handle_1<__Service: Jobs>(
        __service: &crate::messages::__private::Arc<__Service>,
        __request: &crate::messages::Request,
    ) -> ::core::result::Result<crate::messages::Reply, crate::messages::Rejected> {
        let __arguments = (|| {
            let mut __decoder = crate::messages::Request::arguments(__request)?;
            let __argument0 = <u64 as crate::messages::__private::Wire>::decode(
                &mut __decoder,
            )?;
            crate::messages::__private::Decoder::finish(__decoder)?;
            ::core::result::Result::Ok::<_, crate::messages::DecodeError>((__argument0,))
        })();
        let (__argument0,) = match __arguments {
            ::core::result::Result::Ok(__arguments) => __arguments,
            ::core::result::Result::Err(__cause) => {
                return ::core::result::Result::Err(
                    crate::messages::Request::undecodable(__request, &__cause),
                );
            }
        };
        let __outcome = <__Service as Jobs>::forget(&**__service, __argument0).await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    crate::messages::Request::ok_with(
                        __request,
                        &__answer,
                        <() as crate::messages::__private::Wire>::encode,
                    )
                }
                ::core::result::Result::Err(__error) => {
                    crate::messages::Request::error_with(
                        __request,
                        &__error,
                        <String as crate::messages::__private::Wire>::encode,
                    )
                }
            },
        )
    }
    async fn __handle_2<__Service: Jobs>(
        __service: &crate::messages::__private::Arc<__Service>,
        __request: &crate::messages::Request,
    ) -> ::core::result::Result<crate::messages::Reply, crate::messages::Rejected> {
        let __arguments = (|| {
            let mut __decoder = crate::messages::Request::arguments(__request)?;
            let __argument0 = <u64 as crate::messages::__private::Wire>::decode(
                &mut __decoder,
            )?;
            crate::messages::__private::Decoder::finish(__decoder)?;
            ::core::result::Result::Ok::<_, crate::messages::DecodeError>((__argument0,))
        })();
        let (__argument0,) = match __arguments {
            ::core::result::Result::Ok(__arguments) => __arguments,
            ::core::result::Result::Err(__cause) => {
                return ::core::result::Result::Err(
                    crate::messages::Request::undecodable(__request, &__cause),
                );
            }
        };
        let __outcome = <__Service as Jobs>::wait(&**__service, __argument0).await;
        ::core::result::Result::Ok(
            match __outcome {
                ::core::result::Result::Ok(__answer) => {
                    crate::messages::Request::ok_with(
                        __request,
                        &__answer,
                        <() as crate::messages::__private::Wire>::encode,
                    )
                }
                ::core::result::Result::Err(__error) => {
                    crate::messages::Request::error_with(
                        __request,
                        &__error,
                        <String as crate::messages::__private::Wire>::encode,
                    )
                }
            },
        )
    }
    impl<__Service: Jobs + ?::core::marker::Sized> Jobs
    for crate::messages::__private::Arc<__Service>
    where
        crate::messages::__private::Arc<__Service>: Debug,
    {
        fn begin(
            &self,
        ) -> impl ::core::future::Future<
            Output = Result<(), String>,
        > + ::core::marker::Send {
            <__Service as Jobs>::begin(&**self)
        }
        fn forget(
            &self,
            __argument0: u64,
        ) -> impl ::core::future::Future<
            Output = Result<(), String>,
        > + ::core::marker::Send {
            <__Service as Jobs>::forget(&**self, __argument0)
        }
        fn wait(
            &self,
            __argument0: u64,
        ) -> impl ::core::future::Future<
            Output = Result<(), String>,
        > + ::core::marker::Send {
            <__Service as Jobs>::wait(&**self, __argument0)
        }
    }
    const _: fn() = || {
        let _ = <JobsCaller as ::core::convert::From<crate::messages::Channel>>::from;
        let _ = <JobsHost<()>>::new;
        let _ = JobsCaller::begin;
        let _ = JobsCaller::forget;
        let _ = JobsCaller::wait;
    };
};
#[cfg(test)]
const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(
    "BUS_UPDATE_LOCK"
);
