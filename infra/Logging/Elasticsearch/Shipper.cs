using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends what is in the spool, one request at a time, until the server has dealt with each event; then the spool forgets it.</summary>
internal sealed class Shipper : IDisposable
{
    /// <summary>How often to look for what dead processes left behind.</summary>
    private static readonly TimeSpan TakeOverEvery = TimeSpan.FromSeconds(30);

    private const int FewestBytesARequest = 64 * 1024;

    private readonly ElasticsearchSinkOptions _options;
    private readonly EventSpool _spool;
    private readonly ElasticsearchClient _client;
    private readonly DeadLetterFile _deadLetters;
    private readonly Trouble _trouble;
    private readonly SinkReports _reports;
    private readonly BulkRequest _bulk;
    private readonly IndexTemplate _template;
    private readonly EventBatch _batch;
    private readonly Backoff _backoff = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborted = new();
    private Task _running = Task.CompletedTask;
    private int _mostBytes = ElasticsearchSinkOptions.MostBytesARequest;
    private volatile bool _away;

    public Shipper(ElasticsearchSinkOptions options, EventSpool spool, ElasticsearchClient client, DeadLetterFile deadLetters, Trouble trouble, SinkReports reports)
    {
        _options = options;
        _spool = spool;
        _client = client;
        _deadLetters = deadLetters;
        _trouble = trouble;
        _reports = reports;
        _bulk = new BulkRequest(client, options.Pipeline);
        _template = new IndexTemplate(client, options);
        _batch = new EventBatch(options.EventsARequest, ElasticsearchSinkOptions.MostBytesARequest);
    }

    /// <summary>Events the server has dealt with: stored, there already, or refused for good.</summary>
    public long Shipped { get; private set; }

    /// <summary>Of these, the ones it refused.</summary>
    public long Rejected { get; private set; }

    /// <summary>Sends in the background until <see cref="Stop"/>.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Sends what dead processes left, and nothing else, for as long as the server takes it.</summary>
    /// <returns>Whether all of it is sent.</returns>
    public async Task<bool> SendLeftBehindAsync()
    {
        while (!_away && TakeOver())
            await SendAllAsync(last: true);
        _spool.LetGo();
        return !_away;
    }

    /// <summary>
    /// Sends what this process still has on disk, for as long as <paramref name="patience"/> and only where the server answers: a server that
    /// is known to be away is not waited for.
    /// </summary>
    public void Stop(TimeSpan patience)
    {
        _stopping.Cancel();
        _aborted.CancelAfter(patience);
#pragma warning disable VSTHRD002 // A logger is disposed synchronously, and what is awaited needs no thread of the caller's.
        _running.Wait();
#pragma warning restore VSTHRD002
    }

    public void Dispose()
    {
        _bulk.Dispose();
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
            catch (OperationCanceledException)
            {
                // Asked to stop while it waited.
            }
        }

        try
        {
            _spool.LetGo();
            // A server that did not answer a moment ago would only hold up the end.
            if (!_away)
                await SendAllAsync(last: true);
        }
        catch (OperationCanceledException)
        {
            // Out of patience: the next process sends the rest.
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
            _trouble.Say($"what dead processes left in {_spool.Folder} cannot be read: {e.Message}");
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
        while ((last || !_stopping.IsCancellationRequested) && _spool.Read(_batch))
        {
            var delivered = false;
            try
            {
                delivered = await DeliverAsync(last);
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

    /// <returns>Whether every event of the batch is dealt with.</returns>
    private async Task<bool> DeliverAsync(bool last)
    {
        var waiting = Enumerable.Range(0, _batch.Count).ToList();
        var most = _batch.Count;
        while (waiting.Count > 0)
        {
            var sent = Some(waiting, most);
            var (outcome, wanted) = await AttemptAsync(sent);
            var trouble = outcome switch
            {
                Outcome.Answered answered => Sort(waiting, sent.Count, answered.Items),
                Outcome.Unavailable unavailable => unavailable.Reason,
                _ => null,
            };
            if (outcome is Outcome.TooMuch refused)
            {
                if (sent.Count == 1)
                {
                    Reject(sent[0], refused.Status, refused.Reason);
                    waiting.RemoveAt(0);
                }

                if (refused.Status == 413)
                    _mostBytes = Math.Max(FewestBytesARequest, Math.Min(_mostBytes, sent.Sum(index => _batch[index].Length)) / 2);
                most = Math.Max(1, sent.Count / 2);
            }

            if (trouble is null)
                Answers();
            else if (!await WaitAsync(trouble, wanted, last))
                return false;
        }

        return true;
    }

    /// <summary>The next events, as many as one request takes.</summary>
    private List<int> Some(List<int> waiting, int most)
    {
        var bytes = 0L;
        var some = waiting.Take(most).TakeWhile((index, place) => (bytes += _batch[index].Length) <= _mostBytes || place == 0).ToList();
        return some;
    }

    private async Task<(Outcome Outcome, TimeSpan? RetryAfter)> AttemptAsync(List<int> events)
    {
        try
        {
            await _template.EnsureAsync(_aborted.Token);
            var answer = await _bulk.SendAsync(_batch, events, _aborted.Token);
            return (Judge(answer, events.Count), answer.RetryAfter);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            return (new Outcome.Unavailable($"cannot be reached ({Innermost(e)})"), null);
        }
    }

    private static Outcome Judge(BulkAnswer answer, int events) => (int)answer.Status switch
    {
        200 when answer.Items?.Count == events => new Outcome.Answered(answer.Items),
        200 => new Outcome.Unavailable("gives an answer that is not Elasticsearch's: does the address lead to it?"),
        // One event that spoils the request, or a request that is too large: the half of it that is not at fault gets through. A 400
        // without Elasticsearch's words is somebody else's, such as a proxy's, and no event is to blame.
        413 => new Outcome.TooMuch(413, answer.Reason ?? ""),
        400 when !string.IsNullOrEmpty(answer.Reason) => new Outcome.TooMuch((int)answer.Status, answer.Reason ?? ""),
        401 => new Outcome.Unavailable("refuses the user or password (401): check ELASTICSEARCH_URL, ELASTICSEARCH_PASSWORD or ELASTICSEARCH_API_KEY"),
        403 => new Outcome.Unavailable($"does not let this user write (403): {answer.Reason}"),
        _ => new Outcome.Unavailable($"does not take events ({(int)answer.Status}{(string.IsNullOrEmpty(answer.Reason) ? "" : " " + answer.Reason)})"),
    };

    /// <summary>Takes out of <paramref name="waiting"/> what is dealt with.</summary>
    /// <returns>Why some of it is not; null where all is.</returns>
    private string? Sort(List<int> waiting, int sent, List<ItemAnswer> answers)
    {
        var again = new List<int>();
        string? trouble = null;
        foreach (var (place, answer) in answers.Index())
        {
            if (answer.Hopeless)
            {
                Reject(waiting[place], answer.Status, answer.Reason);
            }
            else if (!answer.Stored)
            {
                again.Add(waiting[place]);
                trouble ??= $"does not take events ({answer.Status} {answer.Reason})";
            }
        }

        waiting.RemoveRange(0, sent);
        waiting.InsertRange(0, again);
        return trouble;
    }

    private void Reject(int index, int status, string reason)
    {
        _reports.Rejected();
        Rejected++;
        try
        {
            _deadLetters.Write(status, reason, _batch[index]);
            _trouble.Say($"Elasticsearch refuses an event, now in {_deadLetters.Path}: {reason}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _trouble.Say($"Elasticsearch refuses an event, which is lost: {reason}; {_deadLetters.Path} cannot be written ({e.Message})");
        }
    }

    /// <returns>Whether to try again.</returns>
    private async Task<bool> WaitAsync(string reason, TimeSpan? wanted, bool last)
    {
        if (!_away)
            _trouble.Say($"Elasticsearch at {_client.Servers} {reason}; events are kept in {_spool.Folder} and sent when that has passed");
        _away = true;
        if (last)
            return false;
        await Task.Delay(_backoff.Next(wanted), _stopping.Token);
        return true;
    }

    private void Answers()
    {
        _backoff.Reset();
        _away = false;
        _reports.Tell();
    }

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner and not SocketException { SocketErrorCode: SocketError.Success })
            e = inner;
        return e.Message;
    }

    private abstract record Outcome
    {
        public sealed record Answered(List<ItemAnswer> Items) : Outcome;

        public sealed record TooMuch(int Status, string Reason) : Outcome;

        public sealed record Unavailable(string Reason) : Outcome;
    }
}
