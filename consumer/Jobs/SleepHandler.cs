using System.Diagnostics;
using System.Globalization;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Consumer.Jobs;

internal sealed class SleepHandler : IJobHandler<Sleep, double>
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    public async Task<double> HandleAsync(Sleep args, JobContext job)
    {
        var begun = Stopwatch.GetTimestamp();
        while (args.Duration - Stopwatch.GetElapsedTime(begun) is var left && left > ReportEvery)
        {
            await Task.Delay(ReportEvery, job.CancellationToken);
            left -= ReportEvery;
            job.ReportProgress(1 - (left / args.Duration), string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, left.TotalSeconds):0.0} s left"));
        }

        if (args.Duration - Stopwatch.GetElapsedTime(begun) is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, job.CancellationToken);
        return args.Duration.TotalSeconds;
    }
}
