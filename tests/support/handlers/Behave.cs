using System.Collections.Concurrent;
using System.Diagnostics;
using Broker.Contracts;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Handlers;

/// <summary>Behaves as its item says, so that one chunk can hold items that behave differently.</summary>
/// <param name="As">
/// well, who (returns the id of its process), fail, reject, crash (kills its process), exit, overflow and throw-on-a-thread (which end the process as well), orphan (starts a process that outlives
/// it for half a minute), keep (so many MiB, for ever), eat (memory until there is none), block and block-on-a-task (so many seconds, with its thread, and with another one's), hang (for ever,
/// ignores its token) or slow (a minute, honours its token).
/// </param>
/// <param name="Number">What an item that behaves well returns.</param>
public sealed record Behave(string As, long Number = 0) : IJob<long>
{
    public static string Kind => KindSuffix.Of("behave");
}

public sealed class BehaveHandler : IJobHandler<Behave, long>
{
    private static readonly ConcurrentBag<byte[]> Kept = [];

    public async Task<long> HandleAsync(Behave args, JobContext job)
    {
        switch (args.As)
        {
            case "well":
                return args.Number;
            case "who":
                return Environment.ProcessId;
            case "fail":
                throw new InvalidOperationException($"item {args.Number} was told to fail");
            case "reject":
                throw new JobRejectedException($"item {args.Number} is refused");
            case "crash":
                using (var self = Process.GetCurrentProcess())
                    self.Kill();
                return await new TaskCompletionSource<long>().Task;
            case "exit":
                Environment.Exit(3);
                return args.Number;
            case "overflow":
                return Overflow(args.Number);
            case "throw-on-a-thread":
                job.Logger.LogInformation("last words of item {Number}", args.Number);
                new Thread(() => throw new InvalidOperationException($"nobody catches item {args.Number}")).Start();
                return await new TaskCompletionSource<long>().Task;
            case "orphan":
                Process.Start("/bin/sh", ["-c", "sleep 30 &"]).Dispose();
                return args.Number;
            case "keep":
                var kept = GC.AllocateUninitializedArray<byte>((int)args.Number * 1024 * 1024);
                kept.AsSpan().Fill(1);
                Kept.Add(kept);
                return Environment.ProcessId;
            case "eat":
                return Eat();
            case "block":
                Thread.Sleep(TimeSpan.FromSeconds(args.Number));
                return args.Number;
            case "block-on-a-task":
                // As code does that is not written for this: it waits for what needs threads of the same pool.
#pragma warning disable VSTHRD002 // That is what it is for.
                return Task.Run(() => WaitAsync(args.Number)).Result;
#pragma warning restore VSTHRD002
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

    private static long Eat()
    {
        var eaten = new List<byte[]>();
        while (true)
            eaten.Add(new byte[64 * 1024]);
    }

    private static async Task<long> WaitAsync(long seconds)
    {
        await Task.Yield();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        return seconds;
    }

    private static long Overflow(long depth) => depth < 0 ? depth : Overflow(depth + 1) + 1;
}
