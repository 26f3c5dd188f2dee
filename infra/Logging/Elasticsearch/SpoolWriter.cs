using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Broker.Logging.Events;
using Broker.Logging.Spool;
using Serilog.Events;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// Takes events from the queue, formats each as the two lines of a bulk request, and appends these to the spool. Has a
/// dedicated thread: handlers that block the whole thread pool must not delay the writes.
/// </summary>
internal sealed class SpoolWriter : IDisposable
{
    private const int MaxEventsPerWrite = 1000;

    private readonly ElasticsearchSinkOptions _options;
    private readonly ProcessFields _process;
    private readonly EventQueue _queue;
    private readonly EventSpool _spool;
    private readonly DropCounts _dropped;
    private readonly RateLimitedNotices _notices;
    private readonly Thread _thread;
    private readonly int _writeBytes;
    private readonly string _stream;
    private readonly string _idPrefix = Guid.CreateVersion7().ToString("N");
    private readonly ArrayBufferWriter<byte> _event = new(4096);
    private readonly Utf8JsonWriter _json;
    private readonly Dictionary<EventRank, (ArrayBufferWriter<byte> Records, int Count)> _groups = Enum.GetValues<EventRank>().ToDictionary(rank => rank, _ => (new ArrayBufferWriter<byte>(64 * 1024), 0));
    private long _number;

    public SpoolWriter(ElasticsearchSinkOptions options, ProcessFields process, EventQueue queue, EventSpool spool, DropCounts dropped, RateLimitedNotices notices)
    {
        _options = options;
        _process = process;
        _queue = queue;
        _spool = spool;
        _dropped = dropped;
        _notices = notices;
        _writeBytes = (int)Math.Min(256 * 1024, options.SegmentBytes / 2);
        _stream = DataStreams.Of(process.ServiceName);
        _json = new Utf8JsonWriter(_event, EcsDocument.Writing);
        _thread = new Thread(Run) { IsBackground = true, Name = "log spool" };
        _thread.UnsafeStart();
    }

    /// <summary>Waits until all events of the queue, which must be closed, are on disk.</summary>
    public void Join(TimeSpan timeout) => _thread.Join(timeout);

    public void Dispose() => _json.Dispose();

    private void Run()
    {
        while (_queue.Wait())
        {
            for (var taken = 0; taken < MaxEventsPerWrite && _queue.TryTake(out var logEvent); taken++)
                Add(logEvent!);
            foreach (var rank in EventRanks.HighestFirst)
                Flush(rank);
        }
    }

    private void Add(LogEvent logEvent)
    {
        var rank = EventRanks.Of(logEvent.Level);
        try
        {
            Format(logEvent, TextLimits.Usual);
            if (_event.WrittenCount > _options.MaxEventBytes)
                Format(logEvent, TextLimits.Tight);
        }
        catch (Exception e)
        {
            // A property value that cannot be formatted loses this event only.
            _dropped.Add(rank, 1);
            _notices.Say("format", $"an event could not be written as JSON: {e.GetType().Name}: {e.Message}");
            return;
        }

        var (records, count) = _groups[rank];
        SpoolRecord.Append(records, _event.WrittenSpan);
        _groups[rank] = (records, count + 1);
        if (records.WrittenCount >= _writeBytes)
            Flush(rank);
    }

    /// <summary>The id is made here, once, so that an event that is sent again is stored once.</summary>
    private void Format(LogEvent logEvent, TextLimits limits)
    {
        _event.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteStartObject("create");
        _json.WriteString("_index", Index(logEvent));
        _json.WriteString("_id", string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}{_number:x}"));
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        _event.Write("\n"u8);
        _json.Reset();
        EcsDocument.Write(logEvent, _process, _json, limits);
        _event.Write("\n"u8);
        _number++;
    }

    private string Index(LogEvent logEvent) => _options.IndexFormat is null
        ? _stream
        : string.Format(CultureInfo.InvariantCulture, _options.IndexFormat, logEvent.Timestamp.UtcDateTime).ToLowerInvariant();

    private void Flush(EventRank rank)
    {
        var (records, count) = _groups[rank];
        if (count == 0)
            return;
        try
        {
            _spool.Append(rank, records.WrittenSpan, count);
        }
        catch (Exception e)
        {
            // No error may end this thread, and with it the process.
            _dropped.Add(rank, count);
            _notices.Say("spool", $"events cannot be kept in {_spool.Folder} and are lost: {e.Message} (BROKER__LOGGING__SPOOL names another folder)");
        }

        _groups[rank] = (Emptied(records), 0);
    }

    /// <summary>Does not keep a buffer that one large event has enlarged.</summary>
    private static ArrayBufferWriter<byte> Emptied(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > 4 * 1024 * 1024)
            return new ArrayBufferWriter<byte>(64 * 1024);
        buffer.ResetWrittenCount();
        return buffer;
    }
}
