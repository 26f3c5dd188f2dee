using Broker.Contracts;
using Broker.Hosting;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

/// <summary>Returns its text; a text that begins with "bad" fails, and "never" ends with its pool.</summary>
internal sealed record Echo(string? Text) : IJob<string?>
{
    public static string Kind => "echo";

    public static Task<JobPool> PoolAsync(BrokerOptions? options = null) => LocalJobPool.CreateAsync(
        consumer =>
        {
            consumer.AddHandler<EchoHandler>();
            consumer.AddHandler<SwapHandler>();
        },
        concurrency: 4,
        options);
}

/// <summary>A caller that expects another result than the handler returns.</summary>
internal sealed record EchoAsNumber(string? Text) : IJob<int>
{
    public static string Kind => Echo.Kind;
}

internal sealed record Swap((int Number, string Text) Pair) : IJob<(string Text, int Number)>
{
    public static string Kind => "swap";
}

internal sealed class EchoHandler : IJobHandler<Echo, string?>
{
    public async Task<string?> HandleAsync(Echo args, JobContext job)
    {
        if (args.Text == "never")
            await Task.Delay(Timeout.Infinite, job.CancellationToken);
        if (args.Text?.StartsWith("bad", StringComparison.Ordinal) == true)
            throw new FormatException("no such text", new ArgumentException("the reason", new IOException("its cause")));
        return args.Text;
    }
}

internal sealed class SwapHandler : IJobHandler<Swap, (string Text, int Number)>
{
    public Task<(string Text, int Number)> HandleAsync(Swap args, JobContext job) => Task.FromResult((args.Pair.Text, args.Pair.Number));
}
