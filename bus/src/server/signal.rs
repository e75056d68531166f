//! When to stop.

/// Ends when the process is asked to stop: by SIGTERM or SIGINT, elsewhere by Ctrl-C.
///
/// ```no_run
/// # async fn example(serve: bus::Serve) -> Result<(), bus::ServeError> {
/// let served = serve.run_until(bus::shutdown_signal()).await?;
/// println!("{} requests finished, {} handed back", served.finished, served.handed_back);
/// # Ok(()) }
/// ```
pub async fn shutdown_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                return;
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "signals cannot be awaited here; stopping at Ctrl-C alone");
            }
        }
    }
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be awaited here; this server stops with its process");
        std::future::pending::<()>().await;
    }
}
