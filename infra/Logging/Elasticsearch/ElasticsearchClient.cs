using System.Net;
using System.Net.Http.Headers;

namespace Broker.Logging.Elasticsearch;

/// <summary>Sends requests to Elasticsearch or OpenSearch, and moves to the next node when one does not answer or is not ready. Thread-safe.</summary>
public sealed class ElasticsearchClient : IDisposable
{
    private readonly ElasticsearchConnection _connection;
    private readonly HttpClient _http;

    /// <summary>Of two with one name the later one, which is the more specific setting.</summary>
    private readonly (string Name, string Value)[] _headers;
    private int _node;

    /// <param name="connection">No connection or name resolution before the first request.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">A certificate setting breaks its rule.</exception>
    public ElasticsearchClient(ElasticsearchConnection connection)
    {
        _connection = connection;
        _headers = [.. connection.Headers.Reverse().DistinctBy(header => header.Name, StringComparer.OrdinalIgnoreCase)];
        _http = new HttpClient(connection.CreateHandler()) { Timeout = connection.Timeout };
    }

    /// <summary>The servers, without credentials.</summary>
    public string Servers => _connection.ToString();

    /// <summary>Sends one request to one node. Returns the response whatever its status, with its body buffered.</summary>
    /// <param name="method">GET, POST, PUT, HEAD.</param>
    /// <param name="path">Relative, without a leading slash.</param>
    /// <param name="content">The body, or null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="HttpRequestException">No connection, or it was lost. The next request goes to the next node.</exception>
    /// <exception cref="TimeoutException">No response within the timeout; whether the request was executed is unknown. The next request goes to the next node.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var node = Volatile.Read(ref _node);
        using var request = new HttpRequestMessage(method, new Uri(_connection.Nodes[node % _connection.Nodes.Count], path)) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in _headers)
            request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            if (response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
                Interlocked.CompareExchange(ref _node, node + 1, node);
            return response;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref _node, node + 1, node);
            throw new TimeoutException($"no answer within {_connection.Timeout.TotalSeconds:0} s", e);
        }
        catch (HttpRequestException)
        {
            Interlocked.CompareExchange(ref _node, node + 1, node);
            throw;
        }
    }

    /// <summary>The reason to show for a request without a response.</summary>
    /// <param name="unanswered">What <see cref="SendAsync"/> raised.</param>
    internal static string WhyUnreachable(Exception unanswered) => (unanswered is TimeoutException ? unanswered : unanswered.GetBaseException()).Message;

    public void Dispose() => _http.Dispose();
}
