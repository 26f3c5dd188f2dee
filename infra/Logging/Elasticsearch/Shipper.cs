using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends what is in the spool, one request at a time, until the server has dealt with each event; then the spool forgets it.</summary>
internal sealed class Shipper
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
    private readonly Task _running;
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
        _running = Task.Run(RunAsync);
    }

    /// <summary>Events the server has dealt with: stored, there already, or refused for good.</summary>
    public long Shipped { get; private set; }

    /// <summary>
    /// Sends what this process still has on disk, for as long as <paramref name="patience"/> and only where the server answers: a server that
    /// is known to be away is not waited for.
    /// </summary>
    public void Stop(TimeSpan patience)
    {
        _stopping.Cancel();
        _aborted.CancelAfter(patience);
        _running.Wait();
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
                if (looked == 0 || Stopwatch.GetElapsedTime(looked) > TakeOverEvery)
                {
                    TakeOver();
                    looked = Stopwatch.GetTimestamp();
                }

                await CollectAsync();
                await SendAllAsync(() => false);
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
                await SendAllAsync(() => _away);
        }
        catch (OperationCanceledException)
        {
            // Out of patience: the next process sends the rest.
        }
    }

    private void TakeOver()
    {
        try
        {
            _spool.TakeOver();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _trouble.Say($"what dead processes left in {_spool.Folder} cannot be read: {e.Message}");
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

    private async Task SendAllAsync(Func<bool> giveUp)
    {
        while (_spool.Read(_batch))
        {
            try
            {
                if (!await DeliverAsync(giveUp))
                    return;
            }
            catch
            {
                _spool.Undo(_batch);
                throw;
            }

            Shipped += _batch.Count;
            _spool.Done(_batch);
            if (_stopping.IsCancellationRequested && _spool.OwnPending == 0)
                return;
        }
    }

    /// <returns>Whether every event of the batch is dealt with.</returns>
    private async Task<bool> DeliverAsync(Func<bool> giveUp)
    {
        var waiting = Enumerable.Range(0, _batch.Count).ToList();
        var most = _batch.Count;
        while (waiting.Count > 0)
        {
            var sent = Some(waiting, most);
            var (outcome, wanted) = await AttemptAsync(sent);
            switch (outcome)
            {
                case Outcome.Answered answered:
                    waiting.RemoveRange(0, sent.Count);
                    waiting.InsertRange(0, Sort(sent, answered.Items));
                    if (waiting.Count > 0 && answered.Items.FirstOrDefault(item => !item.Stored && !item.Hopeless) is { Status: > 0 } refused)
                        await WaitAsync($"does not take events ({refused.Status} {refused.Reason})", null);
                    else
                        Answers();
                    break;
                case Outcome.TooMuch when sent.Count > 1:
                    _mostBytes = Math.Max(FewestBytesARequest, Math.Min(_mostBytes, sent.Sum(index => _batch[index].Length)) / 2);
                    most = sent.Count / 2;
                    break;
                case Outcome.TooMuch refused:
                    Reject(sent[0], refused.Status, refused.Reason);
                    waiting.RemoveAt(0);
                    break;
                case Outcome.Unavailable unavailable:
                    await WaitAsync(unavailable.Reason, wanted);
                    if (giveUp())
                    {
                        _spool.Undo(_batch);
                        return false;
                    }

                    break;
            }
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
        // One event that spoils the request, or a request that is too large: the half of it that is not at fault gets through.
        400 or 413 => new Outcome.TooMuch((int)answer.Status, answer.Reason ?? ""),
        401 => new Outcome.Unavailable("refuses the user or password (401): check ELASTICSEARCH_URL, ELASTICSEARCH_PASSWORD or ELASTICSEARCH_API_KEY"),
        403 => new Outcome.Unavailable($"does not let this user write (403): {answer.Reason}"),
        _ => new Outcome.Unavailable($"does not take events ({(int)answer.Status}{(string.IsNullOrEmpty(answer.Reason) ? "" : " " + answer.Reason)})"),
    };

    /// <returns>Those that are to be sent again.</returns>
    private List<int> Sort(List<int> sent, List<ItemAnswer> answers)
    {
        var again = new List<int>();
        foreach (var (place, answer) in answers.Index())
        {
            if (answer.Hopeless)
                Reject(sent[place], answer.Status, answer.Reason);
            else if (!answer.Stored)
                again.Add(sent[place]);
        }

        return again;
    }

    private void Reject(int index, int status, string reason)
    {
        _reports.Rejected();
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

    private async Task WaitAsync(string reason, TimeSpan? wanted)
    {
        if (!_away)
            _trouble.Say($"Elasticsearch at {_client.Servers} {reason}; events are kept in {_spool.Folder} until it does");
        _away = true;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, _aborted.Token);
        if (!_stopping.IsCancellationRequested)
            await Task.Delay(_backoff.Next(wanted), either.Token);
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
