using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// Our index template, put before the first event. A server that has it, or a newer one, keeps its own; one that does not know some setting gets the rest;
/// one that does not let us gets none, and events all the same.
/// </summary>
internal sealed class IndexTemplate(ElasticsearchClient client, ElasticsearchSinkOptions options)
{
    private bool _settled = !options.PutTemplate;

    /// <exception cref="HttpRequestException">The server is not there, or not ready.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
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

    /// <summary>The template as it is sent.</summary>
    internal static JsonObject Read(ElasticsearchSinkOptions options, bool withOptional)
    {
        var template = Resource("index-template.json");
        if (withOptional)
            Merge(template, Resource("index-template.optional.json"));
        if (options.IndexFormat is { } format)
        {
            // A name with a date in it is one of many; without, a data stream's.
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

    /// <summary>Whether the answer will be the same next time. Without the right user the events themselves are refused, and that is said.</summary>
    private static bool Settles(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => false,
        // A proxy's word, not the server's.
        HttpStatusCode.NotFound or >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => false,
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => throw new HttpRequestException($"it is not ready: {(int)status}"),
        _ => true,
    };

    /// <summary>Whether the server's template is one of ours from before. Without a version it is somebody else's, who will have had a reason.</summary>
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
