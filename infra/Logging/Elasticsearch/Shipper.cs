using System.Diagnostics;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends the spool's events, one request at a time, and removes those that the server stored or rejected.</summary>
internal sealed class Shipper : IDisposable
{
    /// <summary>How often to look for spool folders of dead processes.</summary>
    private static readonly TimeSpan TakeOverInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DelayAfterFailure = TimeSpan.FromSeconds(10);

    private readonly ElasticsearchSinkOptions _options;
    private readonly EventSpool _spool;
    private readonly RateLimitedNotices _notices;
    private readonly EventBatch _batch;
    private readonly BatchDelivery _delivery;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborted = new();
    private Task _running = Task.CompletedTask;

    public Shipper(ElasticsearchSinkOptions options, EventSpool spool, ElasticsearchClient client, DeadLetterFile deadLetters, RateLimitedNotices notices, SinkReports reports)
    {
        _options = options;
        _spool = spool;
        _notices = notices;
        _batch = new EventBatch(options.EventsPerRequest, ElasticsearchSinkOptions.MaxBytesPerRequest);
        _delivery = new BatchDelivery(_batch, options, client, deadLetters, notices, reports, spool.Folder);
    }

    /// <summary>Events the server stored, had already, or rejected for good.</summary>
    public long Shipped { get; private set; }

    /// <summary>Of these, the rejected ones.</summary>
    public long Rejected => _delivery.Rejected;

    /// <summary>Sends in the background until <see cref="Stop"/>.</summary>
    public void Start()
    {
        // The loop must not keep the Activity and async locals of the first caller that logs.
        using (ExecutionContext.SuppressFlow())
            _running = Task.Run(RunAsync);
    }

    /// <summary>Sends only the events of dead processes, until a request fails.</summary>
    /// <returns>Whether all of them are sent.</returns>
    public async Task<bool> SendAbandonedAsync()
    {
        while (!_delivery.IsServerUnavailable && TakeOver())
            await SendAllAsync(last: true);
        _spool.ReleaseTakenOver();
        return !_delivery.IsServerUnavailable;
    }

    /// <summary>
    /// Sends what this process still has on disk, for as long as <paramref name="timeout"/> and only if the server is available: a server that
    /// is known to be unavailable is not waited for.
    /// </summary>
    /// <returns>Whether it has ended; if not, it is in a call that cannot be cancelled and ends with the process.</returns>
    public bool Stop(TimeSpan timeout)
    {
        _stopping.Cancel();
        _aborted.CancelAfter(timeout);
#pragma warning disable VSTHRD002 // A logger is disposed synchronously, and the awaited task does not need the caller's thread.
        return _running.Wait(timeout + TimeSpan.FromMilliseconds(500));
#pragma warning restore VSTHRD002
    }

    public void Dispose()
    {
        _delivery.Dispose();
        _stopping.Dispose();
        _aborted.Dispose();
    }

    private async Task RunAsync()
    {
        var looked = 0L;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var tookOver = false;
                if (looked == 0 || Stopwatch.GetElapsedTime(looked) > TakeOverInterval)
                {
                    tookOver = TakeOver();
                    // More may remain than are taken over at a time.
                    looked = tookOver ? 0 : Stopwatch.GetTimestamp();
                }

                if (!tookOver)
                    await CollectAsync();
                await SendAllAsync(last: false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Stopped while waiting.
            }
            catch (Exception e)
            {
                // No error may end the loop: events stay on disk and sending is retried.
                _notices.Say("unexpected", $"sending failed unexpectedly and is retried: {e.GetType().Name}: {e.Message}");
                await Task.Delay(DelayAfterFailure, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        try
        {
            _spool.ReleaseTakenOver();
            // A server that did not answer a moment ago would only delay the end.
            if (!_delivery.IsServerUnavailable)
                await SendAllAsync(last: true);
        }
        catch (OperationCanceledException)
        {
            // The stop timeout is over: the next process sends the rest.
        }
        catch (Exception e)
        {
            _notices.Say("unexpected", $"sending failed unexpectedly: {e.Message}");
        }
    }

    private bool TakeOver()
    {
        try
        {
            return _spool.TakeOver() > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _notices.Say("abandoned", $"events of dead processes in {_spool.Folder} cannot be read: {e.Message}");
            return false;
        }
    }

    /// <summary>Waits for a first event, then for more to fill the request, up to the linger time.</summary>
    private async Task CollectAsync()
    {
        long? first = null;
        while (_spool.OwnPending < _options.EventsPerRequest)
        {
            var timeout = TakeOverInterval;
            if (_spool.OwnPending > 0)
            {
                first ??= Stopwatch.GetTimestamp();
                timeout = _options.Linger - Stopwatch.GetElapsedTime(first.Value);
                if (timeout <= TimeSpan.Zero)
                    return;
            }

            if (!await _spool.AppendedAsync(timeout, _stopping.Token) && first is null)
                return;
        }
    }

    /// <param name="last">Whether the process ends after this: then there is no retry.</param>
    private async Task SendAllAsync(bool last)
    {
        while (last || !_stopping.IsCancellationRequested)
        {
            var delivered = false;
            try
            {
                if (!_spool.Read(_batch))
                    return;
                delivered = await _delivery.DeliverAsync(last, _stopping.Token, _aborted.Token);
            }
            finally
            {
                if (!delivered)
                    _spool.Undo(_batch);
            }

            if (!delivered)
                return;
            Shipped += _batch.Count;
            _spool.Done(_batch);
        }
    }
}
