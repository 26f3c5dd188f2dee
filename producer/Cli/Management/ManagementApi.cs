using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broker.CommandLine.Settings;
using Broker.Connection;
using Broker.Contracts;

namespace Broker.Producer.Cli.Management;

/// <summary>RabbitMQ's management plugin, which knows of nodes, policies and queues what AMQP does not tell.</summary>
internal sealed class ManagementApi : IDisposable
{
    private const string Setting = "the address of the management plugin (BROKER_MANAGEMENT or --management)";

    /// <summary>One page of this many; a fleet has four queues a kind.</summary>
    private const int MostQueues = 500;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly string Ours = Uri.EscapeDataString(@"^broker\.(jobs|suspects|dead|delay|kinds|cancelled|outcomes)");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http;
    private readonly string _virtualHost;
    private readonly string _user;

    private ManagementApi(Uri url, BrokerAddress broker)
    {
        var credentials = url.UserInfo.Split(':', 2);
        var password = credentials.Length == 2 ? Uri.UnescapeDataString(credentials[1]) : broker.Password;
        _user = credentials[0].Length > 0 ? Uri.UnescapeDataString(credentials[0]) : broker.User;
        _virtualHost = Uri.EscapeDataString(broker.VirtualHost);
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = broker.Server.Accept } }, disposeHandler: true)
        {
            BaseAddress = new Uri(url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/') + "/api/"),
            Timeout = Timeout,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_user}:{password}")));
    }

    /// <summary>The plugin of the settings; null where they name none.</summary>
    /// <exception cref="InvalidConfigurationException">Its address is no URL.</exception>
    public static ManagementApi? Of(BrokerSettings settings)
    {
        if (settings.Management is not { Length: > 0 } text)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new InvalidConfigurationException($"{Setting} is no URL: write it as http://user:password@host:15672 (https for TLS); without a user, the broker's is taken");
        return new ManagementApi(url, settings.Address);
    }

    /// <exception cref="ManagementException">It does not answer, or refuses us.</exception>
    public async Task<IReadOnlyList<NodeState>> NodesAsync(CancellationToken cancellationToken) => await GetAsync<NodeState[]>("nodes", cancellationToken);

    /// <summary>The queues of kinds and delays, and the list of kinds; without those of clients and of single processes.</summary>
    /// <exception cref="ManagementException">Likewise.</exception>
    public async Task<IReadOnlyList<QueueState>> QueuesAsync(CancellationToken cancellationToken) =>
        (await GetAsync<Page>($"queues/{_virtualHost}?page=1&page_size={MostQueues}&use_regex=true&name={Ours}", cancellationToken)).Items;

    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        var where = $"the management plugin at {_http.BaseAddress!.Authority}";
        try
        {
            using var response = await _http.GetAsync(path, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => JsonSerializer.Deserialize<T>(await response.Content.ReadAsByteArrayAsync(cancellationToken), Json)!,
                HttpStatusCode.Unauthorized => throw new ManagementException($"{where} refuses user '{_user}': check its password, and give it the tag monitoring (rabbitmqctl set_user_tags {_user} monitoring)"),
                HttpStatusCode.Forbidden => throw new ManagementException($"{where} does not show user '{_user}' this: give it the tag monitoring, and a permission of the virtual host"),
                var status => throw new ManagementException($"{where} answers HTTP {(int)status}: is this its address, and is the plugin enabled?"),
            };
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = e switch
            {
                TaskCanceledException => $"no answer within {Timeout.TotalSeconds:0} s",
                JsonException => "what answers is no such plugin",
                _ => e.GetBaseException().Message,
            };
            throw new ManagementException($"{where} cannot be asked ({why}): check the address, and that the plugin is enabled (rabbitmq-plugins enable rabbitmq_management)");
        }
    }

    private sealed record Page(QueueState[] Items);
}

/// <summary>The plugin does not answer, or refuses us; the message says why and what to do.</summary>
internal sealed class ManagementException(string message) : Exception(message);
