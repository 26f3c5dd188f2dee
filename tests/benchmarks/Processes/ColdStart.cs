using System.Diagnostics;
using Broker.Benchmarks.Report;
using Broker.Contracts.BuiltIn;

namespace Broker.Benchmarks.Processes;

/// <summary>Whole processes from start to exit, as at a shell.</summary>
internal sealed class ColdStart(Programs programs, string url)
{
    /// <summary>The argument with which this program exits immediately.</summary>
    public const string DoNothing = "do-nothing";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public async Task MeasureAsync(int times, Findings into, CancellationToken cancellationToken)
    {
        for (var i = 0; i < times; i++)
        {
            into.ColdNothing.Add(await TimeAsync(Programs.DoingNothing(url), "", cancellationToken));
            into.ColdHelp.Add(await TimeAsync(programs.Producer(url, "--help"), expected: null, cancellationToken));
            into.ColdCall.Add(await TimeAsync(programs.Producer(url, "call", DoubleNumber.Kind, "21"), "42", cancellationToken));
        }
    }

    /// <summary>Peak resident bytes of a producer that sent <paramref name="items"/> numbers from standard input and printed their results.</summary>
    public async Task<long> PeakMemoryOfMapAsync(int items, CancellationToken cancellationToken)
    {
        using var process = Process.Start(programs.Producer(url, "map", DoubleNumber.Kind, "-f", "-"))!;
        var reading = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var writing = WriteNumbersAsync(process.StandardInput, items);
        long peak = 0;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, PeakMemory.Of(process.Id));
            await Task.Delay(LookEvery, cancellationToken);
        }

        await writing;
        var lines = (await reading).Count(letter => letter == '\n');
        return lines == items ? peak : throw new InvalidOperationException($"producer map gave {lines} results for {items} items: {await errors}");
    }

    private static async Task WriteNumbersAsync(StreamWriter input, int items)
    {
        await using (input)
        {
            for (var number = 0; number < items; number++)
                await input.WriteLineAsync($"{number}");
        }
    }

    /// <summary>Milliseconds until the process has ended and its output is read.</summary>
    public static async Task<double> TimeAsync(ProcessStartInfo info, string? expected, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        if (process.ExitCode != 0 || (expected is not null && output.Trim() != expected))
            throw new InvalidOperationException($"{info.FileName} {string.Join(' ', info.ArgumentList)} ended with {process.ExitCode}: {output} {await errors}");
        return elapsed;
    }
}
