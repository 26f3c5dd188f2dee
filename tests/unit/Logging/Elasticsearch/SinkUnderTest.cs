using System.Collections.Concurrent;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Logging;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Events;
using Broker.Tests.Support;
using Serilog;

namespace Broker.Tests.Unit.Logging.Elasticsearch;

/// <summary>A logger with only the sink, and its console messages.</summary>
internal sealed class SinkUnderTest : IDisposable
{
    private readonly Serilog.Core.Logger _logger;
    private readonly TaskCompletionSource _firstSaid = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SinkUnderTest(string url, string spool, Func<ElasticsearchSinkOptions, ElasticsearchSinkOptions>? change = null)
    {
        var options = new ElasticsearchSinkOptions
        {
            Connection = ElasticsearchConnection.Parse(url, "test") with { Timeout = TimeSpan.FromSeconds(2) },
            SpoolBase = Path.Combine(spool, "logs"),
            Linger = TimeSpan.FromMilliseconds(50),
            Notice = text =>
            {
                Said.Enqueue(text);
                _firstSaid.TrySetResult();
            },
        };
        var process = new ProcessFields(new ProcessIdentity("host-1", 4711, "tester"), "broker-test");
        _logger = new LoggerConfiguration().MinimumLevel.Debug().Enrich.With(new EventStamp())
            .WriteTo.Elasticsearch(change?.Invoke(options) ?? options, process).CreateLogger();
    }

    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Completes with the first message.</summary>
    public Task FirstSaid => _firstSaid.Task;

    public ILogger Log => _logger;

    public void Dispose() => _logger.Dispose();

    /// <summary>The event's own number, from the message <c>event N</c>.</summary>
    public static IEnumerable<int> Numbers(FakeElasticsearch server) =>
        server.Documents.Values.Select(document => document.GetProperty("message").GetString()!).Where(text => text.StartsWith("event ", StringComparison.Ordinal))
            .Select(text => int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).Order();

    public void Write(int from, int count)
    {
        foreach (var number in Enumerable.Range(from, count))
            _logger.Information("event {Number} of the test", number);
    }
}
