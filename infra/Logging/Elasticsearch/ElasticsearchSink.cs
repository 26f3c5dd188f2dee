using System.Diagnostics;
using Broker.Logging.Spool;
using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// Events go from the caller to a queue in memory, from there to a spool on disk, and from there to Elasticsearch. The caller only does the
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
    private readonly Lazy<SpoolWriter> _writer;
    private readonly Lazy<Shipper> _shipper;
    private int _disposed;

    /// <exception cref="Configuration.InvalidConfigurationException">A certificate setting breaks its rule.</exception>
    public ElasticsearchSink(ElasticsearchSinkOptions options, ProcessFields process)
    {
        _options = options;
        _queue = new EventQueue(options.QueuedEvents, _dropped);
        _reports = new SinkReports(_dropped, _queue.Add);
        _spool = new EventSpool(options.SpoolBase, process.EntityId, options.SegmentBytes, options.SegmentBytes * options.Segments, _dropped);
        _client = new ElasticsearchClient(options.Connection);
        var trouble = new Trouble(process.IsSupervised ? _ => { } : text => options.Notice($"{process.ProgramName}: {text}"));
        _shipper = new Lazy<Shipper>(() =>
        {
            var shipper = new Shipper(options, _spool, _client, new DeadLetterFile(options.SpoolBase, process.EntityId), trouble, _reports);
            shipper.Start();
            return shipper;
        });
        _writer = new Lazy<SpoolWriter>(() => new SpoolWriter(options, process, _queue, _spool, _dropped, trouble));
    }

    public void Emit(LogEvent logEvent)
    {
        _queue.Add(logEvent);
        if (_writer.IsValueCreated)
            return;
        _ = _writer.Value;
        _ = _shipper.Value;
    }

    /// <summary>Everything to disk, then as much as possible to the server within the options' patience; the rest waits on disk for the next process.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _reports.Tell();
        _queue.Close();
        if (_writer.IsValueCreated)
        {
            var started = Stopwatch.GetTimestamp();
            _writer.Value.Join(_options.StopPatience);
            var patience = _options.StopPatience - Stopwatch.GetElapsedTime(started);
            if (!_shipper.Value.Stop(patience > TimeSpan.Zero ? patience : TimeSpan.Zero))
                return;
            _writer.Value.Dispose();
            _shipper.Value.Dispose();
        }

        _queue.Dispose();
        _spool.Dispose();
        _client.Dispose();
    }
}
