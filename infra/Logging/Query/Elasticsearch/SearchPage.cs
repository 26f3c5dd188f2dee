using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Broker.Logging.Query.Elasticsearch;

/// <summary>One page of search results.</summary>
/// <param name="Hits">The hits, in the requested order.</param>
/// <param name="Last">The sort values of the last hit; null if there is none.</param>
internal sealed record SearchPage(IReadOnlyList<SearchHit> Hits, string? Last)
{
    private const int MaxReasonLength = 300;

    public bool IsLast => Hits.Count < SearchRequest.PageSize;

    /// <exception cref="LogsUnavailableException">The response is an error, or not a search result.</exception>
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
            throw new LogsUnavailableException($"the server at {servers} is not Elasticsearch", e);
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
        HttpStatusCode.Unauthorized => "refuses the user or password (401): set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY",
        HttpStatusCode.Forbidden => "does not let this user read the logs (403): it needs the privilege 'read' on logs-broker.*",
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
            return reason.Length <= MaxReasonLength ? reason : $"{reason[..MaxReasonLength]}...";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "no reason given";
        }
    }
}

/// <param name="Id">The document's id in its data stream.</param>
/// <param name="Time">The time that Elasticsearch sorts by, in milliseconds.</param>
/// <param name="Document">Null if it is not a log line.</param>
internal sealed record SearchHit(string Id, string Time, LogDocument? Document);
