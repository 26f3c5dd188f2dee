using System.Net;
using System.Text;

namespace Broker.Tests.Support;

/// <summary>The Elasticsearch or OpenSearch that tests share.</summary>
public static class TestElasticsearch
{
    private const string Variable = "BROKER_TEST_ELASTICSEARCH_URL";

    /// <summary>Its address. A test that needs it is left out where there is none.</summary>
    public static string Require()
    {
        var url = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(url))
            Xunit.Assert.Skip($"left out: no Elasticsearch ({Variable} is not set)");
        return url;
    }

    /// <summary>Sends a request as a user of the server would; fails on any answer that is no success.</summary>
    public static async Task<string> SendAsync(HttpMethod method, string path, string body)
    {
        var address = new UriBuilder(Require());
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(new Uri($"{address.Scheme}://{address.Host}:{address.Port}/"), path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (address.Password.Length > 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(WebUtility.UrlDecode($"{address.UserName}:{address.Password}"))));
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }
}
