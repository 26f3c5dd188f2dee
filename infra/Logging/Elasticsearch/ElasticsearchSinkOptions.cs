using Broker.Contracts;
using Broker.Logging.Spool;

namespace Broker.Logging.Elasticsearch;

/// <summary>How events are sent to Elasticsearch.</summary>
internal sealed record ElasticsearchSinkOptions
{
    /// <summary>The default prefix of the names in the spool.</summary>
    public const string SpoolName = "logs";

    public const int MaxEventsPerRequest = 1000;
    public const int MaxBytesPerRequest = 5 * 1024 * 1024;
    public const long DefaultMaxEventBytes = 1024 * 1024;
    public const long DefaultSegmentBytes = 1024 * 1024;

    public required ElasticsearchConnection Connection { get; init; }

    /// <summary>The index name, possibly with a date; null for the component's data stream.</summary>
    public string? IndexFormat { get; init; }

    public string TemplateName { get; init; } = DataStreams.Template;

    public bool PutTemplate { get; init; } = true;

    public bool OverwriteTemplate { get; init; }

    public int? Shards { get; init; }

    public int? Replicas { get; init; }

    public string? Pipeline { get; init; }

    public int EventsPerRequest { get; init; } = MaxEventsPerRequest;

    /// <summary>How long an event waits for others. Default: 1 s. A longer time gives fewer, larger requests; a shorter one makes events visible sooner.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    public int QueuedEvents { get; init; } = 50_000;

    /// <summary>In bytes. An event must fit one request and one segment.</summary>
    public long MaxEventBytes { get; init; } = DefaultMaxEventBytes;

    /// <summary>The folder of all processes' spools and the prefix of the names in it.</summary>
    public string SpoolBase { get; init; } = Path.Combine(SpoolFolder.Default, SpoolName);

    /// <summary>In bytes.</summary>
    public long SegmentBytes { get; init; } = DefaultSegmentBytes;

    /// <summary>Maximum number of segments; times <see cref="SegmentBytes"/>, the maximum disk space per process. Default: 256, that is 256 MiB.</summary>
    public int Segments { get; init; } = 256;

    /// <summary>Told why events cannot be sent.</summary>
    public Action<string> Notice { get; init; } = Console.Error.WriteLine;

    /// <summary>How long a clean stop waits for events to be delivered. Default: 5 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="Contracts.InvalidConfigurationException">A value breaks its rule.</exception>
    public ElasticsearchSinkOptions Validate()
    {
        Check(EventsPerRequest is >= 1 and <= MaxEventsPerRequest, $"batchPostingLimit is 1 to {MaxEventsPerRequest}, not {EventsPerRequest}");
        Check(Linger >= TimeSpan.Zero && Linger <= TimeSpan.FromHours(1), $"period is 0 to 3600 seconds, not {Linger.TotalSeconds}");
        Check(QueuedEvents is >= 100 and <= 10_000_000, $"queueSizeLimit is 100 to 10000000, not {QueuedEvents}");
        Check(MaxEventBytes is >= 64 * 1024 and <= MaxBytesPerRequest, $"singleEventSizePostingLimit is 65536 to {MaxBytesPerRequest} bytes, not {MaxEventBytes}");
        Check(SegmentBytes is >= 64 * 1024 and <= 1L << 30, $"bufferFileSizeLimitBytes is 65536 to {1L << 30}, not {SegmentBytes}");
        Check(Segments is >= 2 and <= 1_000_000, $"bufferFileCountLimit is 2 to 1000000, not {Segments}");
        Check(Connection.Timeout >= TimeSpan.FromSeconds(1) && Connection.Timeout <= TimeSpan.FromMinutes(10), $"connectionTimeout is 1 to 600 seconds, not {Connection.Timeout.TotalSeconds}");
        try
        {
            _ = IndexFormat is null ? "" : string.Format(System.Globalization.CultureInfo.InvariantCulture, IndexFormat, DateTime.UnixEpoch);
        }
        catch (FormatException e)
        {
            throw new InvalidConfigurationException($"indexFormat is a name such as logs-{{0:yyyy.MM.dd}}, not '{IndexFormat}'", e);
        }

        return this;
    }

    private static void Check(bool holds, string rule)
    {
        if (!holds)
            throw new InvalidConfigurationException(rule);
    }
}
