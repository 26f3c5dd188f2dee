using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using Broker.Benchmarks.Report;
using Broker.Contracts.BuiltIn;
using Broker.Pool;

namespace Broker.Benchmarks.Ours;

/// <summary>The caller's side with <see cref="JobPool"/>, as a user's program would use it.</summary>
internal sealed class PoolClient(JobPool pool)
{
    /// <summary>Doubles 0 to <paramref name="items"/> - 1, in order; returns how long it took until all were answered.</summary>
    public async Task<TimeSpan> RunAsync(int items, BatchOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        long sum = 0;
        await foreach (var outcome in pool.RunAsync(DoubleNumber.Kind, Numbers(items), options, cancellationToken: cancellationToken))
        {
            if (outcome.Failure is not null)
                throw outcome.ToException();
            sum += long.Parse(outcome.Value.Span, CultureInfo.InvariantCulture);
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        DoubledSum.Check(sum, items);
        return elapsed;
    }

    /// <summary>Calls one after another; adds each one's milliseconds.</summary>
    public async Task CallAsync(int calls, Samples milliseconds, CancellationToken cancellationToken)
    {
        for (var i = 0; i < calls; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var doubled = await pool.CallAsync(new DoubleNumber(i), cancellationToken: cancellationToken);
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (doubled != 2L * i)
                throw new InvalidOperationException($"{i} was doubled to {doubled}");
        }
    }

#pragma warning disable CS1998 // Asynchronous by signature only.
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Numbers(int count)
#pragma warning restore CS1998
    {
        var buffer = new byte[20];
        for (long number = 0; number < count; number++)
        {
            Utf8Formatter.TryFormat(number, buffer, out var written);
            yield return buffer.AsMemory(0, written);
        }
    }
}
