using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Broker.Logging.Query.Elasticsearch;

/// <summary>One answer to a search.</summary>
/// <param name="Hits">What was found, in the order asked for.</param>
/// <param name="Last">The sort values of the last hit; null when there is none.</param>
internal sealed record SearchPage(IReadOnlyList<SearchHit> Hits, string? Last)
{
    private const int LongestReason = 300;

    public bool IsLast => Hits.Count < SearchRequest.PageSize;

    /// <exception cref="LogsUnavailableException">It is a refusal, or no search result.</exception>
    public static async Task<SearchPage> ReadAsync(HttpResponseMessage answer, string servers, CancellationToken cancellationToken)
    {
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new LogsUnavailableException($"Elasticsearch at {servers} {Refusal(answer.StatusCode, body)}");
        try
        {
            using var json = JsonDocument.Parse(body);
            var hits = json.RootElement.GetProperty("hits").GetProperty("hits");
            var last = hits.GetArrayLength() == 0 ? null : hits[hits.GetArrayLength() - 1].GetProperty("sort").GetRawText();
            return new SearchPage([.. hits.EnumerateArray().Select(ToHit)], last);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new LogsUnavailableException($"what answers at {servers} is no Elasticsearch", e);
        }
    }

    private static SearchHit ToHit(JsonElement hit)
    {
        var source = hit.GetProperty("_source");
        var text = JsonMarshal.GetRawUtf8Value(source);
        var line = text.ContainsAny((byte)'\n', (byte)'\r') ? JsonSerializer.SerializeToUtf8Bytes(source) : text.ToArray();
        return new SearchHit(hit.GetProperty("_id").GetString()!, hit.GetProperty("sort")[0].GetRawText(), LogDocument.TryParse(line));
    }

    private static string Refusal(HttpStatusCode status, byte[] body) => status switch
    {
        HttpStatusCode.Unauthorized => "does not let us in (401): set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY",
        HttpStatusCode.Forbidden => "does not let our user read the logs (403): it needs the privilege 'read' on logs-broker.*",
        _ => $"cannot answer ({(int)status}): {Reason(body)}",
    };

    private static string Reason(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var error = json.RootElement.GetProperty("error");
            if (error.ValueKind == JsonValueKind.Object)
            {
                var cause = error.TryGetProperty("root_cause", out var causes) && causes.GetArrayLength() > 0 ? causes[0] : error;
                error = cause.GetProperty("reason");
            }

            var reason = error.ToString();
            return reason.Length <= LongestReason ? reason : $"{reason[..LongestReason]}...";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "it does not say why";
        }
    }
}

/// <param name="Id">Names the document in its data stream.</param>
/// <param name="Time">Its time as Elasticsearch sorts by it: equal for all of one millisecond.</param>
/// <param name="Document">Null where it is no log line.</param>
internal sealed record SearchHit(string Id, string Time, LogDocument? Document);
