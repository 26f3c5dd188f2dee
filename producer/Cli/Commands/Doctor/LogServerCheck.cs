using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Diagnosis;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Settings;

namespace Broker.Producer.Cli.Commands.Doctor;

/// <summary>Whether the log server answers, accepts us and knows our fields.</summary>
internal static class LogServerCheck
{
    private const string Check = "log server";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static async IAsyncEnumerable<Finding> RunAsync(LoggingSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (settings.Elasticsearch is not { } connection)
        {
            yield return Finding.Skipped(Check, "ELASTICSEARCH_URL is not set");
            yield break;
        }

        using var client = new ElasticsearchClient(connection with { Timeout = Timeout });
        var health = await AskAsync(client, "_cluster/health", cancellationToken);
        yield return Health(client.Servers, health, VersionIn((await AskAsync(client, "", cancellationToken)).Body));
        if (health.Status is not (null or HttpStatusCode.Unauthorized))
            yield return Template(await AskAsync(client, $"_index_template/{DataStreams.Template}", cancellationToken));
    }

    internal static Finding Health(string servers, Answer answer, string version) => answer switch
    {
        { Status: null } => Finding.Wrong(Check, $"{servers} does not answer ({answer.Body})", "log events wait on disk; check ELASTICSEARCH_URL and the server"),
        { Status: HttpStatusCode.Unauthorized } => Finding.Wrong(Check, $"{servers} refuses us", "check ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY"),
        // Whoever may only write may not ask for the health.
        { Status: HttpStatusCode.Forbidden } => Finding.Ok(Check, $"{version} at {servers}"),
        { Status: not HttpStatusCode.OK } => Finding.Wrong(Check, $"{servers} answers HTTP {(int)answer.Status}", "see the server's log"),
        _ when Text(answer.Body, "status") == "red" => Finding.Wrong(Check, $"{version} at {servers} has lost shards (status red)", "see GET _cluster/allocation/explain"),
        _ => Finding.Ok(Check, $"{version} at {servers}, status {Text(answer.Body, "status")}"),
    };

    internal static Finding Template(Answer answer) => answer.Status switch
    {
        HttpStatusCode.OK => Finding.Ok("index template", $"{DataStreams.Template} is there"),
        HttpStatusCode.NotFound => Finding.Wrong("index template", $"{DataStreams.Template} is missing, so that fields get types by guess", "infra/elasticsearch/setup.sh puts it"),
        HttpStatusCode.Forbidden => Finding.Skipped("index template", "this user may not read templates"),
        _ => Finding.Wrong("index template", answer.Status is { } status ? $"the server answers HTTP {(int)status}" : $"the server does not answer ({answer.Body})", "see the server's log"),
    };

    private static string VersionIn(string body) => Parse(body)?["version"] is JsonObject version
        ? $"{version["distribution"] ?? "Elasticsearch"} {version["number"]}"
        : "a server of unknown version";

    private static string? Text(string body, string field) => Parse(body)?[field]?.ToString();

    private static JsonObject? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<Answer> AskAsync(ElasticsearchClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.SendAsync(HttpMethod.Get, path, null, cancellationToken);
            return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            return new Answer(null, e is TimeoutException ? e.Message : e.GetBaseException().Message);
        }
    }

    /// <param name="Status">Null where none came.</param>
    /// <param name="Body">Its body, or why there is none.</param>
    internal sealed record Answer(HttpStatusCode? Status, string Body);
}
