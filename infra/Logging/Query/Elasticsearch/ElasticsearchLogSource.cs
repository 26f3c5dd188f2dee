using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Settings;

namespace Broker.Logging.Query.Elasticsearch;

/// <summary>The log lines of all machines, from Elasticsearch or OpenSearch.</summary>
public sealed class ElasticsearchLogSource : ILogSource, IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Maximum delay of a line that a follow still shows: a process that could not reach Elasticsearch sends its lines late.</summary>
    private static readonly TimeSpan MaxLateness = TimeSpan.FromSeconds(60);

    private readonly ElasticsearchConnection _connection;
    private readonly ElasticsearchClient _client;
    private readonly Action<string> _onNotice;
    private readonly string _search;
    private readonly ShownLines _shown = new();

    /// <param name="connection">Address and credentials.</param>
    /// <param name="onNotice">Told when a follow loses the server and when it is available again.</param>
    /// <param name="pattern">The data streams to search.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">A certificate setting breaks its rule.</exception>
    public ElasticsearchLogSource(ElasticsearchConnection connection, Action<string> onNotice, string pattern)
    {
        _connection = connection;
        _client = new ElasticsearchClient(connection);
        _onNotice = onNotice;
        // Partial results would be wrong: an error instead.
        _search = $"{pattern}/_search?ignore_unavailable=true&allow_no_indices=true&allow_partial_search_results=false";
    }

    /// <summary>The Elasticsearch of the configuration; null if there is none.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException">A certificate setting breaks its rule.</exception>
    public static ElasticsearchLogSource? Of(LoggingSettings settings, Action<string> onNotice) => settings.Elasticsearch is not { } connection
        ? null
        : new ElasticsearchLogSource(connection, onNotice, DataStreams.PatternOf(ElasticsearchArguments.ValueIn(settings.Serilog, "indexFormat")));

    public string Place => $"Elasticsearch at {_client.Servers}";

    public async Task<IReadOnlyList<LogDocument>> ReadNewestAsync(LogQuery query, int count, CancellationToken cancellationToken)
    {
        var newest = new List<SearchHit>();
        // Within a millisecond Elasticsearch's order is not ours, so the result may only be cut between two milliseconds.
        await foreach (var moment in MomentsAsync(query, newestFirst: true, cancellationToken))
        {
            newest.AddRange(moment);
            if (newest.Count >= count)
                break;
        }

        newest.Sort((one, other) => LogOrder.Instance.Compare(one.Document, other.Document));
        var lines = newest.Skip(newest.Count - count).Select(hit => hit.Document!).ToList();
        _shown.Remember(newest, oldest: lines.Count == count ? lines[0] : null);
        return lines;
    }

    public async IAsyncEnumerable<LogDocument> ReadAllAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var recent = DateTimeOffset.UtcNow - MaxLateness;
        await foreach (var moment in MomentsAsync(query, newestFirst: false, cancellationToken))
        {
            foreach (var hit in moment)
            {
                if (hit.Document!.Time >= recent)
                    _shown.TryAdd(hit);
                yield return hit.Document;
            }
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<LogDocument>> FollowAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lastLook = DateTimeOffset.UtcNow;
        var away = false;
        while (true)
        {
            var now = DateTimeOffset.UtcNow;
            var from = lastLook - MaxLateness;
            var lines = new List<LogDocument>();
            try
            {
                var window = query with { Since = query.Since > from ? query.Since : from };
                await foreach (var moment in MomentsAsync(window, newestFirst: false, cancellationToken))
                    lines.AddRange(moment.Where(_shown.TryAdd).Select(hit => hit.Document!));
                _shown.EndPoll(from);
                lastLook = now;
                if (away)
                    _onNotice($"{Place} is available again");
                away = false;
            }
            catch (LogsUnavailableException e)
            {
                if (!away)
                    _onNotice($"{e.Message}; retrying");
                away = true;
            }

            if (lines.Count > 0)
                yield return lines;
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The matches, grouped by millisecond and in our order, each document once.</summary>
    private async IAsyncEnumerable<IReadOnlyList<SearchHit>> MomentsAsync(LogQuery query, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var moment = new List<SearchHit>();
        string? time = null;
        for (SearchPage? page = null; page is not { IsLast: true };)
        {
            page = await SearchAsync(SearchRequest.Write(query, newestFirst, page?.Last), cancellationToken);
            foreach (var hit in page.Hits)
            {
                if (hit.Time != time && moment.Count > 0)
                {
                    yield return InOrder(moment);
                    moment = [];
                }

                time = hit.Time;
                if (hit.Document is not null && query.Matches(hit.Document))
                    moment.Add(hit);
            }
        }

        if (moment.Count > 0)
            yield return InOrder(moment);
    }

    // If a data stream rolls over between two sends of an event, it keeps both.
    private static List<SearchHit> InOrder(List<SearchHit> moment) => [.. moment.DistinctBy(hit => hit.Id).OrderBy(hit => hit.Document!, LogOrder.Instance)];

    private async Task<SearchPage> SearchAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var content = new ReadOnlyMemoryContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using var answer = await _client.SendAsync(HttpMethod.Post, _search, content, cancellationToken);
                return await SearchPage.ReadAsync(answer, _client.Servers, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException)
            {
                // The client has switched to the next node.
                if (attempt >= _connection.Nodes.Count)
                    throw new LogsUnavailableException($"Elasticsearch at {_client.Servers} cannot be reached: {ElasticsearchClient.WhyUnreachable(e)}", e);
            }
        }
    }
}
