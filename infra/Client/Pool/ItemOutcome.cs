using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>What became of one item. Given exactly once per item, however often the job ran.</summary>
/// <param name="Index">The item's index in its batch, from 0.</param>
/// <param name="Value">The result as JSON in UTF-8; <c>null</c> where the item failed.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
/// <param name="Run">Who ran it and when.</param>
internal readonly record struct ItemOutcome(long Index, ReadOnlyMemory<byte> Value, ItemFailure? Failure, JobRun Run)
{
    /// <summary>The item as it was sent; empty unless <see cref="BatchSteering.KeepsItems"/>.</summary>
    public ReadOnlyMemory<byte> Item { get; init; }

    /// <summary>The failure as an exception, for callers that want the value or nothing.</summary>
    public JobFailedException ToException() => new(this);

    public override string ToString() => Failure is null ? Encoding.UTF8.GetString(Value.Span) : $"{Failure.Type}: {Failure.Message}";
}

/// <summary>One run of a job; shared by the items of its chunk.</summary>
/// <param name="BatchId">The call that the job belongs to.</param>
/// <param name="JobId">The job.</param>
/// <param name="Worker">The process that ran it.</param>
/// <param name="Attempt">1 on the first attempt.</param>
/// <param name="StartedAt">When the job, not the single item, was started; by the worker's clock.</param>
/// <param name="FinishedAt">When the whole job was finished; by the worker's clock.</param>
/// <param name="Items">How many items it ran.</param>
public sealed record JobRun(Guid BatchId, Guid JobId, ProcessIdentity Worker, int Attempt, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, int Items);

/// <summary>What became of one job of a typed batch: a value or a failure.</summary>
/// <param name="Index">The job's index in its sequence, from 0.</param>
/// <param name="Value">The result; default where the item failed.</param>
/// <param name="Failure">The failure; null where there is none.</param>
/// <param name="Run">Who ran it and when.</param>
public sealed record JobOutcome<TResult>(long Index, TResult? Value, JobFailedException? Failure, JobRun Run)
{
    /// <summary>Whether there is a <see cref="Value"/>; otherwise there is a <see cref="Failure"/>.</summary>
    public bool Succeeded => Failure is null;
}
