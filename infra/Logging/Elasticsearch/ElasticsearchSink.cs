using System.Diagnostics;
using Broker.Logging.Events;
using Broker.Logging.Spool;
using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// Events go from the caller to a queue in memory, then to a spool on disk, then to Elasticsearch. The caller only does the
/// first step; nothing is opened, written or resolved before the first event.
/// </summary>
internal sealed class ElasticsearchSink : ILogEventSink, IDisposable
{
    private readonly ElasticsearchSinkOptions _options;
    private readonly DropCounts _dropped = new();
    private readonly EventQueue _queue;
    private readonly SinkReports _reports;
    private readonly EventSpool _spool;
    private readonly ElasticsearchClient _client;
    private readonly Lazy<(SpoolWriter Writer, Shipper Shipper)> _running;
    private int _disposed;

    /// <exception cref="Contracts.InvalidConfigurationException">A certificate setting breaks its rule.</exception>
    public ElasticsearchSink(ElasticsearchSinkOptions options, ProcessFields process)
    {
        _options = options;
        _queue = new EventQueue(options.QueuedEvents, _dropped);
        _reports = new SinkReports(_dropped, _queue.Add);
        _spool = new EventSpool(options.SpoolBase, process.EntityId, options.SegmentBytes, options.SegmentBytes * options.Segments, _dropped);
        _client = new ElasticsearchClient(options.Connection);
        var notices = new RateLimitedNotices(process.IsSupervised ? _ => { } : text => options.Notice($"{process.ProgramName}: {text}"));
        _running = new Lazy<(SpoolWriter, Shipper)>(() =>
        {
            var shipper = new Shipper(options, _spool, _client, new DeadLetterFile(options.SpoolBase, process.EntityId), notices, _reports);
            shipper.Start();
            return (new SpoolWriter(options, process, _queue, _spool, _dropped, notices), shipper);
        });
    }

    public void Emit(LogEvent logEvent)
    {
        _queue.Add(logEvent);
        _ = _running.Value;
    }

    /// <summary>Flushes everything to disk, then sends as much as possible within the stop timeout; the rest stays on disk for the next process.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _reports.Tell();
        _queue.Close();
        if (_running.IsValueCreated)
        {
            var (writer, shipper) = _running.Value;
            var started = Stopwatch.GetTimestamp();
            writer.Join(_options.StopTimeout);
            var timeout = _options.StopTimeout - Stopwatch.GetElapsedTime(started);
            if (!shipper.Stop(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero))
                return;
            writer.Dispose();
            shipper.Dispose();
        }

        _queue.Dispose();
        _spool.Dispose();
        _client.Dispose();
    }
}
