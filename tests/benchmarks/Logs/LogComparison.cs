using System.Diagnostics;
using System.Globalization;
using Broker.Benchmarks.Report;
using Broker.Logging;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Events;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Broker.Benchmarks.Logs;

/// <summary>
/// Measures the cost of an event in the logging thread, and the throughput to a server: compared with Serilog's file sink, which sends nothing, and with
/// a loop of curl that posts the same documents, prepared, and writes nothing.
/// </summary>
internal sealed class LogComparison(string server, LogBenchmarkSettings settings, string folder) : IDisposable
{
    private const string Template = "done in {Milliseconds:0.#} ms ({Items} items, {Failed} failed)";

    private readonly ServerCount _count = new(server);

    public Samples EmitNanoseconds { get; } = new();

    public Samples EmitBytes { get; } = new();

    public Samples LogNanoseconds { get; } = new();

    public Samples FileRate { get; } = new();

    public Samples CurlRate { get; } = new();

    public Samples OurRate { get; } = new();

    /// <summary>Memory of this process in megabytes, by number of events.</summary>
    public List<(int Events, double Megabytes)> Memory { get; } = [];

    public async Task RunAsync(Action<string> say)
    {
        // Serilog's file sink, curl and our sink produce the same documents from the same events.
        for (var round = 0; round <= settings.Rounds; round++)
        {
            say(round == 0 ? "warming up" : $"round {round} of {settings.Rounds}");
            var counts = round > 0;
            MeasureCaller(counts);
            var file = WriteFile();
            var curl = await PostByCurlAsync();
            var ours = await ShipAsync();
            if (!counts)
                continue;
            FileRate.Add(file);
            CurlRate.Add(curl);
            OurRate.Add(ours);
        }

        say($"{settings.MemoryEvents} events for the memory");
        await WatchMemoryAsync();
    }

    public void Dispose() => _count.Dispose();

    private static LogEvent NewEvent(Logger logger)
    {
        if (!logger.BindMessageTemplate(Template, [12.5, 3, 0], out var template, out var properties))
            throw new InvalidOperationException("the benchmark's message template is broken");
        return new LogEvent(DateTimeOffset.Now, LogEventLevel.Information, null, template, properties);
    }

    private Logger Ours(string stream, int queue) => new LoggerConfiguration()
        .WriteTo.Elasticsearch(server, indexFormat: stream, period: 0.2, queueSizeLimit: queue, bufferBaseFilename: Path.Combine(folder, "spool", "logs"), bufferFileCountLimit: 4096)
        .CreateLogger();

    /// <summary>In bursts, so that the queue never fills: dropping an event is cheaper.</summary>
    private void MeasureCaller(bool counts)
    {
        const int Burst = 500;
        using var logger = Ours($"logs-broker.benchmark{Guid.NewGuid():N}-default", 1_000_000);
        var events = Enumerable.Range(0, Burst).Select(_ => NewEvent(logger)).ToArray();
        var emits = new List<double>();
        var logs = new List<double>();
        var bytes = new List<double>();
        for (var burst = 0; burst < 60; burst++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            foreach (var logEvent in events)
                logger.Write(logEvent);
            emits.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / Burst);
            bytes.Add((GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Burst);
            started = Stopwatch.GetTimestamp();
            for (var number = 0; number < Burst; number++)
                logger.Information(Template, 12.5, number, 0);
            logs.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / Burst);
        }

        if (!counts)
            return;
        EmitNanoseconds.Add(Median(emits));
        EmitBytes.Add(Median(bytes));
        LogNanoseconds.Add(Median(logs));
    }

    private double WriteFile()
    {
        var path = Path.Combine(folder, "file.ndjson");
        var started = Stopwatch.GetTimestamp();
        using (var logger = new LoggerConfiguration().WriteTo.File(new EcsFormatter(), path, buffered: true, fileSizeLimitBytes: null).CreateLogger())
            Log(logger, 0, settings.Events);
        var rate = settings.Events / Stopwatch.GetElapsedTime(started).TotalSeconds;
        File.Delete(path);
        return rate;
    }

    private async Task<double> PostByCurlAsync()
    {
        var stream = $"logs-broker.benchmark{Guid.NewGuid():N}-default";
        var bodies = Directory.CreateDirectory(Path.Combine(folder, "bodies"));
        using (var logger = new LoggerConfiguration().CreateLogger())
        {
            var formatter = new EcsFormatter();
            for (var part = 0; part < settings.Events / 1000; part++)
            {
                using var body = File.CreateText(Path.Combine(bodies.FullName, part.ToString("D5", CultureInfo.InvariantCulture)));
                for (var number = 0; number < 1000; number++)
                {
                    body.Write($"{{\"create\":{{\"_index\":\"{stream}\",\"_id\":\"{Guid.NewGuid():N}\"}}}}\n");
                    formatter.Format(NewEvent(logger), body);
                }
            }
        }

        var started = Stopwatch.GetTimestamp();
        using var curl = Process.Start(new ProcessStartInfo("bash", ["-c", "for body in \"$1\"/*; do curl -sS -o /dev/null -H 'content-type: application/x-ndjson' --data-binary @\"$body\" \"$2/_bulk\" || exit 1; done", "-", bodies.FullName, server.TrimEnd('/')]))!;
        await curl.WaitForExitAsync();
        await _count.UntilAsync(stream, settings.Events);
        var rate = settings.Events / Stopwatch.GetElapsedTime(started).TotalSeconds;
        bodies.Delete(recursive: true);
        return rate;
    }

    private async Task<double> ShipAsync()
    {
        var stream = $"logs-broker.benchmark{Guid.NewGuid():N}-default";
        var started = Stopwatch.GetTimestamp();
        await using var logger = Ours(stream, 1_000_000);
        Log(logger, 0, settings.Events);
        await _count.UntilAsync(stream, settings.Events);
        return settings.Events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>At the rate at which they are delivered, with the default queue size.</summary>
    private async Task WatchMemoryAsync()
    {
        var stream = $"logs-broker.benchmark{Guid.NewGuid():N}-default";
        await using var logger = Ours(stream, 50_000);
        const int Step = 20_000;
        for (var written = 0; written < settings.MemoryEvents; written += Step)
        {
            Log(logger, written, Step);
            await _count.UntilAsync(stream, written);
            if ((written + Step) % (settings.MemoryEvents / 5) == 0)
                Memory.Add((written + Step, Environment.WorkingSet / 1048576.0));
        }
    }

    private static void Log(Logger logger, int from, int count)
    {
        for (var number = from; number < from + count; number++)
            logger.Information(Template, 12.5, number, 0);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
