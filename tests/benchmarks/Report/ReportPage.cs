namespace Broker.Benchmarks.Report;

/// <summary>The report as text.</summary>
internal static class ReportPage
{
    private const int Label = 52;

    public static void Write(TextWriter output, BenchmarkSettings settings, Findings findings)
    {
        output.WriteLine($"machine  {findings.Machine}");
        output.WriteLine();
        output.WriteLine(Method(settings));
        output.WriteLine();
        output.WriteLine($"{"",-Label} {"median",10}   (min..max)");
        Row(output, "1 raw client, round trips/s", findings.RawRoundTrips, "0");
        Row(output, "2 JobPool, one item per message, round trips/s", findings.OurRoundTrips, "0");
        Row(output, "  2 over 1, round by round", findings.OurRoundTrips.Over(findings.RawRoundTrips), "0.00");
        Row(output, "  CPU time per job, raw client, us", findings.RawClientCpu, "0");
        Row(output, "  CPU time per job, raw worker, us", findings.RawWorkerCpu, "0");
        Row(output, "  CPU time per job, JobPool, us", findings.OurClientCpu, "0");
        Row(output, "  CPU time per job, consumer, us", findings.OurWorkerCpu, "0");
        Row(output, "3 JobPool, automatic chunks, items/s", findings.Items, "0");
        Row(output, "  3 over 2, round by round", findings.Items.Over(findings.OurRoundTrips), "0.0");
        Row(output, "4 raw call, p50 ms", findings.RawCallMedian, "0.00");
        Row(output, "  raw call, p99 ms", findings.RawCallTail, "0.00");
        Row(output, "  JobPool.CallAsync, p50 ms", findings.OurCallMedian, "0.00");
        Row(output, "  JobPool.CallAsync, p99 ms", findings.OurCallTail, "0.00");
        Row(output, "  p50 of ours over p50 of raw, round by round", findings.OurCallMedian.Over(findings.RawCallMedian), "0.00");
        Row(output, "5 producer call double 21, whole process, ms", findings.ColdCall, "0");
        Row(output, "  an empty .NET process, ms", findings.ColdNothing, "0");
        Row(output, "  producer --help, ms", findings.ColdHelp, "0");
        Row(output, "  call minus help: connect, call, close, ms", findings.ColdCall.Less(findings.ColdHelp), "0");
        foreach (var (process, bytes) in findings.PeakMemory)
            output.WriteLine($"{$"peak memory, {process}, MiB",-Label} {bytes / 1048576.0,10:0}");
        output.WriteLine();
        foreach (var target in Target.All(findings))
            output.WriteLine(target);
    }

    private static string Method(BenchmarkSettings settings) => $"""
        method   Rounds: {settings.Rounds} after one warm-up; every round measures everything, in alternating order; ratios are taken per round.
                 Both sides: durable quorum queues with the same arguments, persistent mandatory messages, every publish confirmed,
                 acknowledged after the outcome is confirmed; publishing and consuming on separate connections; one worker process
                 with prefetch {settings.Concurrency}; {settings.Window} jobs in flight; {settings.Jobs} jobs per round; results checked.
                 Raw: RabbitMQ.Client, its worker is this program; the smallest body that does the work, no deadlines, retries or logs.
                 Ours: JobPool, ordered, and a real `consumer -c {settings.Concurrency} --log-level warning` (at info it logs each job).
                 Items: {settings.Items} per round. Calls: {settings.Calls} per round, one at a time, in blocks of {settings.CallBlock}. Cold starts: {settings.ColdStarts} per round.
        """;

    private static void Row(TextWriter output, string label, Samples samples, string format) =>
        output.WriteLine($"{label,-Label} {samples.Median.ToString(format),10}   ({samples.Lowest.ToString(format)}..{samples.Highest.ToString(format)})");
}
