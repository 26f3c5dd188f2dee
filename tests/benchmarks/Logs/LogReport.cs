using Broker.Benchmarks.Report;

namespace Broker.Benchmarks.Logs;

/// <summary>The report of a <see cref="LogComparison"/> as text, and whether it met its targets.</summary>
internal static class LogReport
{
    private const double MaxEmitNanoseconds = 2000;
    private const double LeastRatio = 0.7;
    private const double MaxGrowth = 1.25;

    /// <returns>Whether every target is met.</returns>
    public static bool Write(TextWriter output, LogBenchmarkSettings settings, LogComparison found)
    {
        output.WriteLine($"machine  {Machine.Here("-")}");
        output.WriteLine($"method   {settings.Rounds} rounds of {settings.Events} events after one warm-up; in each, in turn: the caller's cost in bursts of 500,");
        output.WriteLine("         a file, a loop of curl with bodies of 1000 documents prepared before, and the sink from the first event to the last document.");
        output.WriteLine();
        output.WriteLine($"{"",-52} {"median",10}   (min..max)");
        Row(output, "1 the sink, in the thread that logs, ns per event", found.EmitNanoseconds, "0");
        Row(output, "  allocated there, bytes per event", found.EmitBytes, "0");
        Row(output, "  the whole of logger.Information(...), ns", found.LogNanoseconds, "0");
        Row(output, "2 Serilog's file sink, events/s", found.FileRate, "0");
        Row(output, "3 _bulk by curl, prepared bodies, events/s", found.CurlRate, "0");
        Row(output, "4 the sink, logged to stored, events/s", found.OurRate, "0");
        var ratio = found.OurRate.Over(found.CurlRate);
        Row(output, "  4 over 3, round by round", ratio, "0.00");
        foreach (var (events, megabytes) in found.Memory)
            output.WriteLine($"{$"memory of this process after {events} events, MiB",-52} {megabytes,10:0}");
        output.WriteLine();
        var growth = found.Memory[^1].Megabytes / found.Memory[0].Megabytes;
        return Judge(output, found.EmitNanoseconds.Median < MaxEmitNanoseconds, $"an event costs its thread {found.EmitNanoseconds.Median / 1000:0.00} us in the sink, less than 2")
            & Judge(output, ratio.Median >= LeastRatio, $"logged to stored over curl: {ratio.Median:0.00}, at least {LeastRatio}")
            & Judge(output, growth <= MaxGrowth, $"memory at the end relative to that after a fifth: {growth:0.00}, at most {MaxGrowth}");
    }

    private static bool Judge(TextWriter output, bool met, string what)
    {
        output.WriteLine($"target {(met ? "met" : "missed")}: {what}");
        return met;
    }

    private static void Row(TextWriter output, string label, Samples samples, string format) =>
        output.WriteLine($"{label,-52} {samples.Median.ToString(format, System.Globalization.CultureInfo.InvariantCulture),10}   ({samples.Lowest.ToString(format, System.Globalization.CultureInfo.InvariantCulture)}..{samples.Highest.ToString(format, System.Globalization.CultureInfo.InvariantCulture)})");
}
