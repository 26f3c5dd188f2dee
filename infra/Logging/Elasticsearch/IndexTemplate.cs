using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// Puts our index template before the first event. A server with the same or a newer version keeps its own; one that rejects the optional settings gets the rest;
/// without the privilege, events are sent without a template.
/// </summary>
internal sealed class IndexTemplate(ElasticsearchClient client, ElasticsearchSinkOptions options)
{
    private bool _settled = !options.PutTemplate;

    /// <exception cref="HttpRequestException">The server is unavailable or not ready.</exception>
    /// <exception cref="TimeoutException">No response within the timeout.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (_settled)
            return;
        var path = $"_index_template/{Uri.EscapeDataString(options.TemplateName)}";
        if (!options.OverwriteTemplate)
        {
            using var answer = await client.SendAsync(HttpMethod.Get, path, null, cancellationToken);
            if (Settles(answer.StatusCode) && !IsOlder(await answer.Content.ReadAsByteArrayAsync(cancellationToken)))
            {
                _settled = true;
                return;
            }
        }

        using var whole = await PutAsync(path, withOptional: true, cancellationToken);
        if (whole.StatusCode == HttpStatusCode.BadRequest)
        {
            using var plain = await PutAsync(path, withOptional: false, cancellationToken);
            _settled = Settles(plain.StatusCode);
            return;
        }

        _settled = Settles(whole.StatusCode);
    }

    /// <summary>The template with the options applied.</summary>
    internal static JsonObject Read(ElasticsearchSinkOptions options, bool withOptional)
    {
        var template = Resource("index-template.json");
        if (withOptional)
            Merge(template, Resource("index-template.optional.json"));
        if (options.IndexFormat is { } format)
        {
            // A name with a date is one of many indices; without a date it is a data stream.
            var dated = format.Contains('{', StringComparison.Ordinal);
            template["index_patterns"] = new JsonArray(DataStreams.PatternOf(format));
            if (dated)
                template.Remove("data_stream");
        }

        var settings = template["template"]!["settings"]!.AsObject();
        if (options.Shards is { } shards)
            settings["index.number_of_shards"] = shards;
        if (options.Replicas is { } replicas)
        {
            settings.Remove("index.auto_expand_replicas");
            settings["index.number_of_replicas"] = replicas;
        }

        return template;
    }

    /// <summary>Whether a retry would get the same answer. Wrong credentials reject the events too, and that is reported.</summary>
    private static bool Settles(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => false,
        // From a proxy, not from the server.
        HttpStatusCode.NotFound or >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => false,
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => throw new HttpRequestException($"it is not ready: {(int)status}"),
        _ => true,
    };

    /// <summary>Whether the server's template is an older version of ours. One without a version was made by someone else and is kept.</summary>
    private static bool IsOlder(byte[] answer)
    {
        try
        {
            var version = JsonNode.Parse(answer)?["index_templates"]?[0]?["index_template"]?["version"];
            return version is not null && (long)version < (long)Resource("index-template.json")["version"]!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static JsonObject Resource(string name)
    {
        using var stream = typeof(IndexTemplate).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject inner && into[name] is JsonObject outer)
                Merge(outer, inner);
            else
                into[name] = value?.DeepClone();
        }
    }

    private async Task<HttpResponseMessage> PutAsync(string path, bool withOptional, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(Read(options, withOptional)));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await client.SendAsync(HttpMethod.Put, path, content, cancellationToken);
    }
}
