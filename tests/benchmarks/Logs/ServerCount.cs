using System.Diagnostics;
using System.Text.Json.Nodes;
using Broker.Logging.Elasticsearch;

namespace Broker.Benchmarks.Logs;

/// <summary>The number of documents a server has stored, including those not yet visible to a search.</summary>
internal sealed class ServerCount(string server) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    private readonly ElasticsearchClient _client = new(ElasticsearchConnection.Parse(server, "--elasticsearch"));

    /// <exception cref="TimeoutException">Not all of them arrived.</exception>
    public async Task UntilAsync(string stream, long documents)
    {
        var started = Stopwatch.GetTimestamp();
        while (await TakenAsync(stream) < documents)
        {
            if (Stopwatch.GetElapsedTime(started) > Timeout)
                throw new TimeoutException($"{await TakenAsync(stream)} of {documents} documents are there after {Timeout.TotalMinutes} minutes");
            await Task.Delay(20);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<long> TakenAsync(string stream)
    {
        using var answer = await _client.SendAsync(HttpMethod.Get, $"{stream}/_stats/indexing?filter_path=_all.primaries.indexing.index_total&ignore_unavailable=true", null, CancellationToken.None);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync());
        return (long?)body?["_all"]?["primaries"]?["indexing"]?["index_total"] ?? 0;
    }
}
