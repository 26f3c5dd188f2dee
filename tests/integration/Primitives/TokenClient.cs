using Broker.Connection;
using Broker.Primitives;
using Broker.Primitives.Log;
using Broker.Primitives.Tokens;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Integration.Primitives;

/// <summary>What a process has that uses locks and semaphores.</summary>
internal sealed class TokenClient : IAsyncDisposable
{
    public TokenClient(string? url = null, TimeSpan? seedingLimit = null)
    {
        Link = new PrimitiveLink(BrokerAddress.Parse(url ?? TestBroker.Require()), "token tests", NullLogger.Instance);
        Log = new PrimitiveLog(Link, TokenJson.AddTo(new OperationCodec()), TimeProvider.System, NullLogger.Instance);
        Kernel = new TokenKernel(Link, Log, TimeProvider.System, NullLogger.Instance, seedingLimit);
    }

    public PrimitiveLink Link { get; }

    public PrimitiveLog Log { get; }

    public TokenKernel Kernel { get; }

    public static string NewName() => $"t-{FleetPlan.NewSuffix()}";

    public BrokerLock Lock(string name) => new(Kernel, name);

    public BrokerSemaphore Semaphore(string name, int permits) => new(Kernel, name, permits);

    public static Task LostAsync(BrokerHold hold)
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hold.LostToken.Register(() => lost.TrySetResult());
        return lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
    }

    /// <summary>Waits until so many callers wait in line, seen by the broker itself.</summary>
    public async Task WaitersAsync(TokenSet set, int count)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (true)
        {
            // Who has a permit is a consumer too.
            var (free, consumers) = await Kernel.CountAsync(set, limit.Token);
            if (consumers - (set.Permits - free) == count)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }

    /// <summary>Waits until so many have or await permits.</summary>
    public async Task ConsumersAsync(TokenSet set, int count)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((await Kernel.CountAsync(set, limit.Token)).Consumers != count)
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Kernel.DisposeAsync();
        await Log.DisposeAsync();
        await Link.DisposeAsync();
    }
}
