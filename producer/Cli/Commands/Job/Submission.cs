using Broker.CommandLine;
using Broker.Fleet;
using Broker.Pool;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

/// <summary>Sends items and waits for no outcome: prints the batch's id when the broker has confirmed all.</summary>
internal sealed class Submission(string kind, ItemSource source, BatchOptions options, Session session)
{
    /// <summary>Whether the outcomes are kept, to be collected later.</summary>
    public bool Detached { get; init; }

    public async Task<int> RunAsync()
    {
        await using var pool = await session.ConnectAsync();
        var (batchId, count) = await pool.PublishAsync(kind, source.ReadAsync(session.Interrupted), options, Detached, session.Interrupted);
        Console.Out.WriteLine(batchId);
        Screen.Say($"{count} {(count == 1 ? "item" : "items")} of kind {kind} confirmed by the broker{(Detached ? $"; their results: producer collect {batchId}" : "")}");
        source.ThrowIfBroken();
        await WarnAsync(pool);
        return ExitCodes.Success;
    }

    private async Task WarnAsync(JobPool pool)
    {
        try
        {
            if (await ServiceWatch.NoConsumerAsync(pool.Fleet, kind, session.Interrupted) is { } none)
                Screen.Say($"{none}; its jobs wait on the broker");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // All is confirmed: an error now would have it published again.
            if (session.Debug)
                Screen.Say($"who serves '{kind}' could not be found out: {e.Message}");
        }
    }
}
