using System.Diagnostics;
using Broker.Contracts;

namespace Broker.Tests.Handlers;

/// <summary>Behaves as it is told, so that one chunk can hold items that behave differently.</summary>
/// <param name="As">well, fail, reject, crash, hang (for ever, deaf to its token) or slow (a minute, honours its token).</param>
/// <param name="Number">What an item that behaves well returns.</param>
public sealed record Behave(string As, long Number = 0) : IJob<long>
{
    public static string Kind => KindSuffix.Of("behave");
}

public sealed class BehaveHandler : IJobHandler<Behave, long>
{
    public async Task<long> HandleAsync(Behave args, JobContext job)
    {
        switch (args.As)
        {
            case "well":
                return args.Number;
            case "fail":
                throw new InvalidOperationException($"item {args.Number} was told to fail");
            case "reject":
                throw new JobRejectedException($"item {args.Number} is refused");
            case "crash":
                using (var self = Process.GetCurrentProcess())
                    self.Kill();
                return await new TaskCompletionSource<long>().Task;
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                return args.Number;
            case "slow":
                await Task.Delay(TimeSpan.FromMinutes(1), job.CancellationToken);
                return args.Number;
            default:
                throw new JobRejectedException($"nobody knows how to behave as '{args.As}'");
        }
    }
}
