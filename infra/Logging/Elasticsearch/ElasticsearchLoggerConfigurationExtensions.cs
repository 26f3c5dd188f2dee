using Broker.Contracts;
using Broker.Logging.Events;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging.Elasticsearch;

/// <summary>Adds the sink to a Serilog configuration, by code or by Serilog.Settings.Configuration.</summary>
public static class ElasticsearchLoggerConfigurationExtensions
{
    /// <summary>
    /// Writes events to Elasticsearch or OpenSearch by way of a spool on disk. Arguments have the names and meanings of those of the package
    /// Serilog.Sinks.Elasticsearch 10, so that a configuration serves both.
    /// </summary>
    /// <param name="loggerSinkConfiguration"><c>WriteTo</c>.</param>
    /// <param name="nodeUris">The nodes, separated by comma or semicolon; user and password may stand in one.</param>
    /// <param name="indexFormat">The index or data stream, <c>{0:yyyy.MM.dd}</c> in it being the event's day. Default: <c>logs-broker.COMPONENT-default</c>.</param>
    /// <param name="templateName">The name of the index template. Default: <c>logs-broker</c>.</param>
    /// <param name="batchPostingLimit">Maximum events per request, 1 to 1 000. Default: 1 000.</param>
    /// <param name="period">How long an event waits for its request to fill, in seconds. Default: 1.</param>
    /// <param name="restrictedToMinimumLevel">The minimum level.</param>
    /// <param name="bufferBaseFilename">The spool: a folder and the beginning of the names in it. Default: <c>broker/spool</c> in the user's data folder.</param>
    /// <param name="bufferFileSizeLimitBytes">Maximum size of one spool file. Default: 1 MiB.</param>
    /// <param name="bufferFileCountLimit">Maximum number of spool files per process. Default: 256.</param>
    /// <param name="connectionGlobalHeaders">Headers of every request: <c>Authorization=ApiKey ...,Other=value</c>.</param>
    /// <param name="connectionTimeout">Timeout of one request, in seconds. Default: 30.</param>
    /// <param name="queueSizeLimit">Maximum events queued in memory for the disk. Beyond it the lowest levels are dropped and counted. Default: 50 000.</param>
    /// <param name="pipelineName">The name of an ingest pipeline.</param>
    /// <param name="autoRegisterTemplate">Whether to create our index template, in the background, if the server has none with that name. Default: true.</param>
    /// <param name="overwriteTemplate">Whether to replace an existing one. Default: false.</param>
    /// <param name="numberOfShards">For the template.</param>
    /// <param name="numberOfReplicas">For the template.</param>
    /// <param name="singleEventSizePostingLimit">Maximum event size in bytes; texts of a larger one are truncated. Default: 1 MiB.</param>
    /// <param name="batchAction">Only Create: data streams accept no other action, and it prevents duplicates when an event is sent again.</param>
    /// <param name="levelSwitch">A minimum level that can change; replaces <paramref name="restrictedToMinimumLevel"/>.</param>
    /// <param name="certificateAuthority">A PEM file with the authorities to trust for https. The package has no such argument.</param>
    /// <param name="certificateFingerprint">SHA-256 of a certificate in the server's chain. The package has no such argument.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">An argument breaks its rule.</exception>
    public static LoggerConfiguration Elasticsearch(
        this LoggerSinkConfiguration loggerSinkConfiguration,
        string nodeUris,
        string? indexFormat = null,
        string? templateName = null,
        int batchPostingLimit = ElasticsearchSinkOptions.MaxEventsPerRequest,
        double period = 1,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        string? bufferBaseFilename = null,
        long? bufferFileSizeLimitBytes = null,
        int? bufferFileCountLimit = null,
        string? connectionGlobalHeaders = null,
        int connectionTimeout = 30,
        int queueSizeLimit = 50_000,
        string? pipelineName = null,
        bool autoRegisterTemplate = true,
        bool overwriteTemplate = false,
        int? numberOfShards = null,
        int? numberOfReplicas = null,
        long? singleEventSizePostingLimit = null,
        string batchAction = "Create",
        LoggingLevelSwitch? levelSwitch = null,
        string? certificateAuthority = null,
        string? certificateFingerprint = null)
    {
        if (!batchAction.Equals("Create", StringComparison.OrdinalIgnoreCase))
            throw new InvalidConfigurationException($"batchAction is Create, not {batchAction}: with any other, an event that is sent again would be stored twice");
        var connection = ElasticsearchConnection.Parse(nodeUris, nameof(nodeUris));
        var options = new ElasticsearchSinkOptions
        {
            Connection = connection with
            {
                Headers = [.. connection.Headers, .. ElasticsearchArguments.Headers(connectionGlobalHeaders ?? "")],
                Timeout = TimeSpan.FromSeconds(connectionTimeout),
                AuthorityFile = certificateAuthority,
                Fingerprint = certificateFingerprint,
            },
            IndexFormat = indexFormat,
            TemplateName = templateName ?? DataStreams.Template,
            PutTemplate = autoRegisterTemplate,
            OverwriteTemplate = overwriteTemplate,
            Shards = numberOfShards,
            Replicas = numberOfReplicas,
            Pipeline = pipelineName,
            EventsPerRequest = batchPostingLimit,
            Linger = TimeSpan.FromSeconds(period),
            QueuedEvents = queueSizeLimit,
            MaxEventBytes = singleEventSizePostingLimit ?? ElasticsearchSinkOptions.DefaultMaxEventBytes,
        };
        if (bufferBaseFilename is not null)
            options = options with { SpoolBase = Path.GetFullPath(bufferBaseFilename) };
        if (bufferFileSizeLimitBytes is { } segment)
            options = options with { SegmentBytes = segment };
        if (bufferFileCountLimit is { } count)
            options = options with { Segments = count };
        return loggerSinkConfiguration.Sink(new ElasticsearchSink(options.Validate(), ProcessFields.Current), restrictedToMinimumLevel, levelSwitch);
    }

    internal static LoggerConfiguration Elasticsearch(this LoggerSinkConfiguration writeTo, ElasticsearchSinkOptions options, ProcessFields process) =>
        writeTo.Sink(new ElasticsearchSink(options.Validate(), process));
}
