using System.Text;
using Broker.Pool;

namespace Broker.Tests.Integration;

/// <summary>Jobs of kinds without a job type in this process.</summary>
internal static class RawJobs
{
    public static async Task<List<ItemOutcome>> RunAsync(JobPool pool, string kind, IEnumerable<string> items, BatchOptions? options = null)
    {
        var outcomes = new List<ItemOutcome>();
        await foreach (var outcome in pool.RunAsync(kind, Items(items), options))
            outcomes.Add(outcome);
        return outcomes;
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Items(IEnumerable<string> items)
    {
        await Task.CompletedTask;
        foreach (var item in items)
            yield return Encoding.UTF8.GetBytes(item);
    }
}
