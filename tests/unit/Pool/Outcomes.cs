using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

/// <summary>A worker's messages: the value of each item is its index.</summary>
internal static class Outcomes
{
    public static JobCompleted Of(params long[] indices) => Of(ItemIndices.Of(indices), indices.Length, $"[{string.Join(',', indices)}]");

    public static JobCompleted Run(long first, int count) => Of([.. Enumerable.Range(0, count).Select(n => first + n)]);

    public static JobCompleted Of(ItemIndices indices, int count, string values, params ItemFailure[] failures) => new()
    {
        JobId = Guid.NewGuid(),
        BatchId = Guid.Empty,
        Kind = "kind",
        Indices = indices,
        Count = count,
        Values = new RawJson(Encoding.UTF8.GetBytes(values)),
        Failures = failures.Length == 0 ? null : failures,
        Worker = new ProcessIdentity("host", 1, "consumer"),
        StartedAt = DateTimeOffset.UnixEpoch,
        FinishedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>The indices of chunks, after a look at each value.</summary>
    public static long[] Indices(IEnumerable<CompletedChunk> chunks) => [.. chunks.SelectMany(chunk => chunk.Split()).Select(Index)];

    public static long Index(ItemOutcome outcome)
    {
        Assert.Equal($"{outcome.Index}", outcome.Failure?.Message ?? Encoding.UTF8.GetString(outcome.Value.Span));
        return outcome.Index;
    }
}
