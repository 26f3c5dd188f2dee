using System.Diagnostics;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends what is in the spool, one request at a time, until the server has dealt with each event; then the spool forgets it.</summary>
internal sealed class Shipper : IDisposable
{
    /// <summary>How often to look for what dead processes left behind.</summary>
    private static readonly TimeSpan TakeOverEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private readonly ElasticsearchSinkOptions _options;
    private readonly EventSpool _spool;
    private readonly Trouble _trouble;
    private readonly EventBatch _batch;
    private readonly BatchDelivery _delivery;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborted = new();
    private Task _running = Task.CompletedTask;

    public Shipper(ElasticsearchSinkOptions options, EventSpool spool, ElasticsearchClient client, DeadLetterFile deadLetters, Trouble trouble, SinkReports reports)
    {
        _options = options;
        _spool = spool;
        _trouble = trouble;
        _batch = new EventBatch(options.EventsARequest, ElasticsearchSinkOptions.MostBytesARequest);
        _delivery = new BatchDelivery(_batch, options, client, deadLetters, trouble, reports, spool.Folder);
    }

    /// <summary>Events the server has dealt with: stored, there already, or refused for good.</summary>
    public long Shipped { get; private set; }

    /// <summary>Of these, the ones it refused.</summary>
    public long Rejected => _delivery.Rejected;

    /// <summary>Sends in the background until <see cref="Stop"/>.</summary>
    public void Start()
    {
        // Not in the trace, and with the locals, of whoever happens to log first.
        using (ExecutionContext.SuppressFlow())
            _running = Task.Run(RunAsync);
    }

    /// <summary>Sends what dead processes left, and nothing else, for as long as the server takes it.</summary>
    /// <returns>Whether all of it is sent.</returns>
    public async Task<bool> SendLeftBehindAsync()
    {
        while (!_delivery.IsServerAway && TakeOver())
            await SendAllAsync(last: true);
        _spool.LetGo();
        return !_delivery.IsServerAway;
    }

    /// <summary>
    /// Sends what this process still has on disk, for as long as <paramref name="patience"/> and only where the server answers: a server that
    /// is known to be away is not waited for.
    /// </summary>
    /// <returns>Whether it has ended; where not, it is stuck in something that cannot be ended, and goes with the process.</returns>
    public bool Stop(TimeSpan patience)
    {
        _stopping.Cancel();
        _aborted.CancelAfter(patience);
#pragma warning disable VSTHRD002 // A logger is disposed synchronously, and what is awaited needs no thread of the caller's.
        return _running.Wait(patience + TimeSpan.FromMilliseconds(500));
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
                if (looked == 0 || Stopwatch.GetElapsedTime(looked) > TakeOverEvery)
                {
                    tookOver = TakeOver();
                    // There may be more than are taken over at a time.
                    looked = tookOver ? 0 : Stopwatch.GetTimestamp();
                }

                if (!tookOver)
                    await CollectAsync();
                await SendAllAsync(last: false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Asked to stop while it waited.
            }
            catch (Exception e)
            {
                // Whatever it is, it must not be the end of all sending: events stay on disk, and it is tried again.
                _trouble.Say("unexpected", $"sending failed unexpectedly and is tried again: {e.GetType().Name}: {e.Message}");
                await Task.Delay(AfterFailure, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        try
        {
            _spool.LetGo();
            // A server that did not answer a moment ago would only hold up the end.
            if (!_delivery.IsServerAway)
                await SendAllAsync(last: true);
        }
        catch (OperationCanceledException)
        {
            // Out of patience: the next process sends the rest.
        }
        catch (Exception e)
        {
            _trouble.Say("unexpected", $"sending failed unexpectedly: {e.Message}");
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
            _trouble.Say("left behind", $"what dead processes left in {_spool.Folder} cannot be read: {e.Message}");
            return false;
        }
    }

    /// <summary>Waits for a first event, then for more to share its request, but no longer than the linger.</summary>
    private async Task CollectAsync()
    {
        long? first = null;
        while (_spool.OwnPending < _options.EventsARequest)
        {
            var patience = TakeOverEvery;
            if (_spool.OwnPending > 0)
            {
                first ??= Stopwatch.GetTimestamp();
                patience = _options.Linger - Stopwatch.GetElapsedTime(first.Value);
                if (patience <= TimeSpan.Zero)
                    return;
            }

            if (!await _spool.AppendedAsync(patience, _stopping.Token) && first is null)
                return;
        }
    }

    /// <param name="last">Whether the process ends after this: then nothing is waited for.</param>
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
