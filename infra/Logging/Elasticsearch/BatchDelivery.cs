using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Delivers one batch at a time: retries, splits a request or dead-letters an event, depending on the server's response.</summary>
internal sealed class BatchDelivery : IDisposable
{
    private const int MinBytesPerRequest = 64 * 1024;

    private readonly EventBatch _batch;
    private readonly ElasticsearchClient _client;
    private readonly DeadLetterFile _deadLetters;
    private readonly RateLimitedNotices _notices;
    private readonly SinkReports _reports;
    private readonly BulkRequest _bulk;
    private readonly IndexTemplate _template;
    private readonly string _keptIn;
    private readonly Backoff _backoff = new();
    private int _maxBytesPerRequest = ElasticsearchSinkOptions.MaxBytesPerRequest;
    private volatile string? _unavailable;

    /// <param name="batch">Refilled before each delivery.</param>
    /// <param name="options">Pipeline and template.</param>
    /// <param name="client">The server.</param>
    /// <param name="deadLetters">Takes the events that the server rejects for good.</param>
    /// <param name="notices">Told why events cannot be sent.</param>
    /// <param name="reports">Told when the server accepts events again.</param>
    /// <param name="keptIn">The folder that holds unsent events, for messages.</param>
    public BatchDelivery(EventBatch batch, ElasticsearchSinkOptions options, ElasticsearchClient client, DeadLetterFile deadLetters, RateLimitedNotices notices, SinkReports reports, string keptIn)
    {
        _batch = batch;
        _client = client;
        _deadLetters = deadLetters;
        _notices = notices;
        _reports = reports;
        _keptIn = keptIn;
        _bulk = new BulkRequest(client, options.Pipeline);
        _template = new IndexTemplate(client, options);
    }

    /// <summary>Whether the last request failed.</summary>
    public bool IsServerUnavailable => _unavailable is not null;

    /// <summary>How many events the server rejected for good.</summary>
    public long Rejected { get; private set; }

    public void Dispose() => _bulk.Dispose();

    /// <param name="last">Whether the process ends after this: then there is no retry.</param>
    /// <param name="stopping">Cancels the wait between two attempts.</param>
    /// <param name="aborted">Cancels a request.</param>
    /// <returns>Whether every event of the batch was stored or rejected.</returns>
    public async Task<bool> DeliverAsync(bool last, CancellationToken stopping, CancellationToken aborted)
    {
        var waiting = Enumerable.Range(0, _batch.Count).ToList();
        var most = _batch.Count;
        while (waiting.Count > 0)
        {
            var sent = NextRequest(waiting, most);
            var (outcome, wanted) = await AttemptAsync(sent, aborted);
            string? failure = null;
            switch (outcome)
            {
                case Outcome.Answered answered:
                    failure = Sort(waiting, sent.Count, answered.Items);
                    most = _batch.Count;
                    break;
                case Outcome.RequestRejected refused:
                    most = SendLess(waiting, sent, refused);
                    break;
                case Outcome.Unavailable unavailable:
                    failure = unavailable.Reason;
                    break;
            }

            if (failure is null)
                OnAvailable();
            else if (!await WaitAsync(failure, wanted, last, stopping))
                return false;
        }

        return true;
    }

    /// <summary>The next events, as many as fit one request.</summary>
    private List<int> NextRequest(List<int> waiting, int most)
    {
        var bytes = 0L;
        return [.. waiting.Take(most).TakeWhile((index, place) => (bytes += _batch[index].Length) <= _maxBytesPerRequest || place == 0)];
    }

    /// <summary>Dead-letters an event whose request of one was rejected.</summary>
    /// <returns>The maximum number of events for the next request.</returns>
    private int SendLess(List<int> waiting, List<int> sent, Outcome.RequestRejected refused)
    {
        if (sent.Count == 1)
        {
            Reject(sent[0], refused.Status, refused.Reason);
            waiting.RemoveAt(0);
        }

        if (refused.Status == 413)
            _maxBytesPerRequest = Math.Max(MinBytesPerRequest, Math.Min(_maxBytesPerRequest, sent.Sum(index => _batch[index].Length)) / 2);
        return Math.Max(1, sent.Count / 2);
    }

    private async Task<(Outcome Outcome, TimeSpan? RetryAfter)> AttemptAsync(List<int> events, CancellationToken aborted)
    {
        try
        {
            await _template.EnsureAsync(aborted);
            var answer = await _bulk.SendAsync(_batch, events, aborted);
            return (Judge(answer, events.Count), answer.RetryAfter);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            return (new Outcome.Unavailable($"cannot be reached ({ElasticsearchClient.WhyUnreachable(e)})"), null);
        }
    }

    private static Outcome Judge(BulkAnswer answer, int events) => (int)answer.Status switch
    {
        200 when answer.Items?.Count == events => new Outcome.Answered(answer.Items),
        200 => new Outcome.Unavailable("sends a response that is not Elasticsearch's: is the address right?"),
        // One invalid event in the request, or a request that is too large: halving it gets the valid events through. A 400
        // without an Elasticsearch error body comes from something else, such as a proxy: no event is at fault.
        413 => new Outcome.RequestRejected(413, answer.Reason ?? ""),
        400 when !string.IsNullOrEmpty(answer.Reason) => new Outcome.RequestRejected(400, answer.Reason),
        401 => new Outcome.Unavailable("refuses the user or password (401): check ELASTICSEARCH_URL, ELASTICSEARCH_PASSWORD or ELASTICSEARCH_API_KEY"),
        403 => new Outcome.Unavailable($"does not let this user write (403): {answer.Reason}"),
        _ => new Outcome.Unavailable($"does not take events ({(int)answer.Status}{(string.IsNullOrEmpty(answer.Reason) ? "" : " " + answer.Reason)})"),
    };

    /// <summary>Removes from <paramref name="waiting"/> what was stored or rejected.</summary>
    /// <returns>Why some events remain; null if none do.</returns>
    private string? Sort(List<int> waiting, int sent, List<ItemAnswer> answers)
    {
        var again = new List<int>();
        string? failure = null;
        foreach (var (place, answer) in answers.Index())
        {
            if (answer.IsPermanentFailure)
            {
                Reject(waiting[place], answer.Status, answer.Reason);
            }
            else if (!answer.Stored)
            {
                again.Add(waiting[place]);
                failure ??= $"does not take events ({answer.Status} {answer.Reason})";
            }
        }

        waiting.RemoveRange(0, sent);
        waiting.InsertRange(0, again);
        return failure;
    }

    private void Reject(int index, int status, string reason)
    {
        _reports.Rejected();
        Rejected++;
        try
        {
            _deadLetters.Write(status, reason, _batch[index]);
            _notices.Say("refused", $"Elasticsearch rejected an event, now in {_deadLetters.Path}: {reason}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _notices.Say("refused", $"Elasticsearch rejected an event, which is lost: {reason}; {_deadLetters.Path} cannot be written ({e.Message})");
        }
    }

    /// <returns>Whether to retry.</returns>
    private async Task<bool> WaitAsync(string reason, TimeSpan? wanted, bool last, CancellationToken stopping)
    {
        // The part before the details: the same failure with other details is not reported again.
        var failure = reason.Split('(')[0];
        if (_unavailable != failure)
            _notices.Say(failure, $"Elasticsearch at {_client.Servers} {reason}; events are kept in {_keptIn} and sent when it is available again");
        _unavailable = failure;
        if (last)
            return false;
        await Task.Delay(_backoff.Next(wanted), stopping);
        return true;
    }

    private void OnAvailable()
    {
        _backoff.Reset();
        _unavailable = null;
        _reports.Tell();
    }

    private abstract record Outcome
    {
        public sealed record Answered(List<ItemAnswer> Items) : Outcome;

        public sealed record RequestRejected(int Status, string Reason) : Outcome;

        public sealed record Unavailable(string Reason) : Outcome;
    }
}
