using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends <c>_bulk</c> requests and reads their responses.</summary>
internal sealed class BulkRequest(ElasticsearchClient client, string? pipeline) : IDisposable
{
    private readonly string _path = "_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"
        + (pipeline is null ? "" : $"&pipeline={Uri.EscapeDataString(pipeline)}");

    private readonly MemoryStream _body = new();

    /// <summary>Sends some of a batch's events.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="events">Their indices in the batch.</param>
    /// <param name="cancellationToken">Cancels the request; whether the server stored the events is then unknown.</param>
    /// <exception cref="HttpRequestException">No connection, or it was lost.</exception>
    /// <exception cref="TimeoutException">No response within the timeout.</exception>
    public async Task<BulkAnswer> SendAsync(EventBatch batch, IEnumerable<int> events, CancellationToken cancellationToken)
    {
        _body.SetLength(0);
        using (var gzip = new GZipStream(_body, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var index in events)
                gzip.Write(batch[index].Span);
        }

        using var content = new ByteArrayContent(_body.GetBuffer(), 0, (int)_body.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await client.SendAsync(HttpMethod.Post, _path, content, cancellationToken);
        var text = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.StatusCode == HttpStatusCode.OK
            ? new BulkAnswer(response.StatusCode, ReadItems(text), null, null)
            : new BulkAnswer(response.StatusCode, null, RetryAfter(response), Reason(text));
    }

    public void Dispose() => _body.Dispose();

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - DateTimeOffset.UtcNow,
        _ => null,
    };

    /// <returns>One answer per event, in their order; null if the text is not a response to a bulk request.</returns>
    private static List<ItemAnswer>? ReadItems(byte[] text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            return [.. answer.RootElement.GetProperty("items").EnumerateArray().Select(ReadItem)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static ItemAnswer ReadItem(JsonElement item)
    {
        var result = item.EnumerateObject().First().Value;
        return new ItemAnswer(
            result.GetProperty("status").GetInt32(),
            result.TryGetProperty("error", out var error) ? $"{Text(error, "type")}: {Text(error, "reason")}" : "");
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";

    /// <summary>The server's error message, if the body has one.</summary>
    internal static string Reason(byte[] text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            var error = answer.RootElement.GetProperty("error");
            return error.ValueKind == JsonValueKind.Object ? $"{Text(error, "type")}: {Text(error, "reason")}" : error.ToString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return "";
        }
    }
}

/// <param name="Status">Of the whole request.</param>
/// <param name="Items">One per event; null if the whole request was rejected or the response is not readable.</param>
/// <param name="RetryAfter">The server's Retry-After.</param>
/// <param name="Reason">Why it was rejected.</param>
internal sealed record BulkAnswer(HttpStatusCode Status, List<ItemAnswer>? Items, TimeSpan? RetryAfter, string? Reason);

/// <param name="Status">An HTTP status code.</param>
/// <param name="Reason">Why it was not stored.</param>
internal readonly record struct ItemAnswer(int Status, string Reason)
{
    /// <summary>Stored now, or (409) by an earlier request whose response was lost: the id exists.</summary>
    public bool Stored => Status is >= 200 and < 300 or 409;

    /// <summary>
    /// The event itself is invalid, so a retry cannot succeed. Other failures are the server's state and may pass: an index that exceeds the shard limit, a pipeline
    /// that is missing.
    /// </summary>
    public bool IsPermanentFailure => Status == 413 || (Status == 400 && !Reason.StartsWith("validation_exception", StringComparison.Ordinal) && !Reason.Contains("pipeline with id", StringComparison.Ordinal));
}
