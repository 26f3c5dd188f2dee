using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Logging.Elasticsearch;
using Xunit;

namespace Broker.Tests.Support;

/// <summary>The Elasticsearch, or OpenSearch, that tests may write to.</summary>
public sealed class TestElasticsearch : IDisposable
{
    private const string Variable = "BROKER_TEST_ELASTICSEARCH_URL";

    private readonly ElasticsearchClient _client;

    private TestElasticsearch(ElasticsearchClient client, string url)
    {
        _client = client;
        Url = url;
    }

    /// <summary>With user and password, for a program's environment.</summary>
    public string Url { get; }

    /// <summary>A test that needs it is skipped if there is none, also in CI, where it may not be available.</summary>
    public static TestElasticsearch Require()
    {
        var server = Find();
        if (server is null)
            Assert.Skip($"no Elasticsearch ({Variable} is not set; http://user:password@host:9200)");
        return server;
    }

    /// <summary>The same, or null if there is none.</summary>
    public static TestElasticsearch? Find()
    {
        var url = Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrEmpty(url) ? null : new TestElasticsearch(new ElasticsearchClient(ElasticsearchConnection.Parse(url, Variable)), url);
    }

    /// <summary>Sends a request that must succeed; returns the response.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body = null)
    {
        var (status, answer) = await TrySendAsync(method, path, body);
        Assert.True(status is >= 200 and < 300, $"{method} {path}: HTTP {status} {answer}");
        return JsonNode.Parse(answer)!;
    }

    /// <summary>Sends a request; returns any response.</summary>
    public async Task<(int Status, string Answer)> TrySendAsync(HttpMethod method, string path, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(path.Contains("_bulk", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json"));
        using var response = await _client.SendAsync(method, path, content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => _client.Dispose();
}
