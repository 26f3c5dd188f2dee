using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Tests.Unit;

/// <summary>A job of one item, for tests that do not look at what else is in it.</summary>
internal static class SomeJob
{
    public static RunJob Of(string kind, Guid? batch = null, long index = 0) => new()
    {
        JobId = Guid.CreateVersion7(),
        BatchId = batch ?? Guid.CreateVersion7(),
        Kind = kind,
        Items = new RawJson("[1]"u8.ToArray()),
        Indices = ItemIndices.From(index),
        SubmittedAt = DateTimeOffset.UnixEpoch,
        SubmittedBy = new ProcessIdentity("h", 1, "n"),
    };
}
