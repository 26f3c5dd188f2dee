using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends one batch after another until the server has dealt with each event: asks again, in halves, or lays an event aside, by its answers.</summary>
internal sealed class BatchDelivery : IDisposable
{
    private const int FewestBytesARequest = 64 * 1024;

    private readonly EventBatch _batch;
    private readonly ElasticsearchClient _client;
    private readonly DeadLetterFile _deadLetters;
    private readonly Trouble _trouble;
    private readonly SinkReports _reports;
    private readonly BulkRequest _bulk;
    private readonly IndexTemplate _template;
    private readonly string _keptIn;
    private readonly Backoff _backoff = new();
    private int _mostBytes = ElasticsearchSinkOptions.MostBytesARequest;
    private volatile string? _away;

    /// <param name="batch">Filled anew before each delivery.</param>
    /// <param name="options">Pipeline and template.</param>
    /// <param name="client">The server.</param>
    /// <param name="deadLetters">Where an event goes that the server will never take.</param>
    /// <param name="trouble">Hears what keeps events from their way.</param>
    /// <param name="reports">Told when the server answers.</param>
    /// <param name="keptIn">Where events are meanwhile, for people.</param>
    public BatchDelivery(EventBatch batch, ElasticsearchSinkOptions options, ElasticsearchClient client, DeadLetterFile deadLetters, Trouble trouble, SinkReports reports, string keptIn)
    {
        _batch = batch;
        _client = client;
        _deadLetters = deadLetters;
        _trouble = trouble;
        _reports = reports;
        _keptIn = keptIn;
        _bulk = new BulkRequest(client, options.Pipeline);
        _template = new IndexTemplate(client, options);
    }

    /// <summary>Whether the server did not take events when it was last asked.</summary>
    public bool IsServerAway => _away is not null;

    /// <summary>How many events it refused for good.</summary>
    public long Rejected { get; private set; }

    public void Dispose() => _bulk.Dispose();

    /// <param name="last">Whether the process ends after this: then the server is not asked twice.</param>
    /// <param name="stopping">Ends the wait between two attempts.</param>
    /// <param name="aborted">Ends an attempt.</param>
    /// <returns>Whether every event of the batch is dealt with.</returns>
    public async Task<bool> DeliverAsync(bool last, CancellationToken stopping, CancellationToken aborted)
    {
        var waiting = Enumerable.Range(0, _batch.Count).ToList();
        var most = _batch.Count;
        while (waiting.Count > 0)
        {
            var sent = Some(waiting, most);
            var (outcome, wanted) = await AttemptAsync(sent, aborted);
            string? trouble = null;
            switch (outcome)
            {
                case Outcome.Answered answered:
                    trouble = Sort(waiting, sent.Count, answered.Items);
                    most = _batch.Count;
                    break;
                case Outcome.TooMuch refused:
                    most = SendLess(waiting, sent, refused);
                    break;
                case Outcome.Unavailable unavailable:
                    trouble = unavailable.Reason;
                    break;
            }

            if (trouble is null)
                Answers();
            else if (!await WaitAsync(trouble, wanted, last, stopping))
                return false;
        }

        return true;
    }

    /// <summary>The next events, as many as one request takes.</summary>
    private List<int> Some(List<int> waiting, int most)
    {
        var bytes = 0L;
        return [.. waiting.Take(most).TakeWhile((index, place) => (bytes += _batch[index].Length) <= _mostBytes || place == 0)];
    }

    /// <summary>Lays aside the event that is refused alone.</summary>
    /// <returns>How many to send at most the next time.</returns>
    private int SendLess(List<int> waiting, List<int> sent, Outcome.TooMuch refused)
    {
        if (sent.Count == 1)
        {
            Reject(sent[0], refused.Status, refused.Reason);
            waiting.RemoveAt(0);
        }

        if (refused.Status == 413)
            _mostBytes = Math.Max(FewestBytesARequest, Math.Min(_mostBytes, sent.Sum(index => _batch[index].Length)) / 2);
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
        200 => new Outcome.Unavailable("gives an answer that is not Elasticsearch's: does the address lead to it?"),
        // One event that spoils the request, or a request that is too large: the half of it that is not at fault gets through. A 400
        // without Elasticsearch's words is somebody else's, such as a proxy's, and no event is to blame.
        413 => new Outcome.TooMuch(413, answer.Reason ?? ""),
        400 when !string.IsNullOrEmpty(answer.Reason) => new Outcome.TooMuch(400, answer.Reason),
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
            _trouble.Say("refused", $"Elasticsearch refuses an event, now in {_deadLetters.Path}: {reason}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _trouble.Say("refused", $"Elasticsearch refuses an event, which is lost: {reason}; {_deadLetters.Path} cannot be written ({e.Message})");
        }
    }

    /// <returns>Whether to try again.</returns>
    private async Task<bool> WaitAsync(string reason, TimeSpan? wanted, bool last, CancellationToken stopping)
    {
        // The sort of a reason is what stands before the details.
        var sort = reason.Split('(')[0];
        if (_away != sort)
            _trouble.Say(sort, $"Elasticsearch at {_client.Servers} {reason}; events are kept in {_keptIn} and sent when that has passed");
        _away = sort;
        if (last)
            return false;
        await Task.Delay(_backoff.Next(wanted), stopping);
        return true;
    }

    private void Answers()
    {
        _backoff.Reset();
        _away = null;
        _reports.Tell();
    }

    private abstract record Outcome
    {
        public sealed record Answered(List<ItemAnswer> Items) : Outcome;

        public sealed record TooMuch(int Status, string Reason) : Outcome;

        public sealed record Unavailable(string Reason) : Outcome;
    }
}
